package cluster

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

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

// Args say what cluster to build.
type Args struct {
	// Name is the cluster's physical name, up to 255 letters, digits, hyphens and underscores; required.
	Name string
	// Insights is the mode of Container Insights. Default InsightsEnabled.
	Insights Insights
	// Exec lets sessions of ECS Exec be logged where the task logs. Default false: no session's content is kept; who
	// may open one is up to the services and IAM.
	Exec bool
}

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Take("Name", rules.ClusterName(a.Name))
	p.Take("Insights", rules.Known(a.insights()))
	return p.Err()
}

// Inputs are the facts recorded in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{
		"name": pulumi.String(a.Name), "insights": pulumi.String(a.insights()), "exec": pulumi.Bool(a.Exec),
	}
}

func (a *Args) insights() Insights {
	if a.Insights == "" {
		return InsightsEnabled
	}
	return a.Insights
}
