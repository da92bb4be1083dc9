package cluster

import (
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/problems"
)

// Insights is a mode of CloudWatch Container Insights.
type Insights string

// The modes of Container Insights.
const (
	// InsightsDisabled collects nothing.
	InsightsDisabled Insights = "disabled"
	// InsightsEnabled collects metrics per service.
	InsightsEnabled Insights = "enabled"
	// InsightsEnhanced collects metrics per task and container.
	InsightsEnhanced Insights = "enhanced"
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

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Check(nameForm.MatchString(a.Name), "Name", "%q: 1 to 255 letters, digits, hyphens and underscores", a.Name)
	p.OneOf("Insights", string(a.insights()),
		string(InsightsDisabled), string(InsightsEnabled), string(InsightsEnhanced))
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
