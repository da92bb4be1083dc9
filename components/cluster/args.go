package cluster

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Insights is a mode of CloudWatch Container Insights.
type Insights = rules.InsightsMode

// The modes of Container Insights.
const (
	InsightsDisabled = rules.InsightsDisabled
	InsightsEnabled  = rules.InsightsEnabled
	InsightsEnhanced = rules.InsightsEnhanced
)

// The capacity providers of Fargate.
const (
	// Fargate runs tasks until they end.
	Fargate = "FARGATE"
	// FargateSpot is two thirds cheaper and may stop a task at two minutes' notice.
	FargateSpot = "FARGATE_SPOT"
)

// Args say what cluster to build, or which one to use.
type Args struct {
	// Location is where the cluster is; required.
	Location component.Location
	// Name is the physical name of a new cluster, up to 255 letters, digits, hyphens and underscores; required without
	// Existing. A cluster of this name must not be there.
	Name string
	// Existing is a cluster to use as it is, instead of Name and Insights. Default nil: one is built.
	Existing *Existing
	// Insights is the mode of Container Insights. Default InsightsEnabled.
	Insights Insights
}

// Existing is a cluster that is neither changed nor deleted.
type Existing struct {
	// Name is the cluster's name; required.
	Name string
	// Spot says that tasks run on Spot capacity as well, which the cluster must offer then. Default false.
	Spot bool
	// Own are the tags of what this stack makes. A cluster that has them all is the stack's own, and refused: as it is no
	// longer in the program, Pulumi would delete it. Default none: nothing is refused.
	Own map[string]string
}

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Take("Location", a.Location.Validate())
	if a.Existing != nil {
		p.Take("Existing.Name", rules.ClusterName(a.Existing.Name))
		p.Check(a.Name == "" && a.Insights == "", "Existing", "excludes Name and Insights")
		return p.Err()
	}
	p.Take("Name", rules.ClusterName(a.Name))
	p.Take("Insights", rules.Known(a.insights()))
	return p.Err()
}

// Inputs are the facts recorded in the component's state.
func (a *Args) Inputs() pulumi.Map {
	if a.Existing != nil {
		return pulumi.Map{"existing": pulumi.String(a.Existing.Name)}
	}
	return pulumi.Map{
		"name": pulumi.String(a.Name), "insights": pulumi.String(a.insights()),
	}
}

func (a *Args) insights() Insights {
	if a.Insights == "" {
		return InsightsEnabled
	}
	return a.Insights
}
