package alarms

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/problems"
)

// deploymentTypeToken is the type in URNs of the component of a deployment's alarms.
const deploymentTypeToken = "dagster-ecs:alarms:Deployment"

// deploymentSection is the section of the runbook that tells what to do after one of them.
const deploymentSection = "when-a-deployment-fails"

// Deployment are alarms that ECS looks at while it deploys the webserver. They tell nobody, and are there before the
// webserver: webserver-answers would fire in the midst of the first deployment, before there is a monitor.
type Deployment struct {
	pulumi.ResourceState

	// Names are the alarms' names.
	Names pulumi.StringArray
}

// DeploymentArgs describes the alarms of a deployment.
type DeploymentArgs struct {
	// Names makes the physical names, and the namespace of the monitor's metrics; required.
	Names naming.Names
	// Location is where the alarms are; required.
	Location component.Location
}

// Validate reports everything that is wrong with the plain values.
func (a *DeploymentArgs) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *DeploymentArgs) Inputs() pulumi.Map {
	return pulumi.Map{"namespace": pulumi.String(a.Names.Metrics())}
}

// NewDeployment builds the alarms of a deployment.
func NewDeployment(ctx *pulumi.Context, name string, args *DeploymentArgs, opts ...pulumi.ResourceOption) (*Deployment, error) {
	deployment := &Deployment{}
	scope, err := component.Open(ctx, deploymentTypeToken, name, deployment, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, args: &Args{Names: args.Names}}
	for _, each := range b.deployment() {
		made, err := cloudwatch.NewMetricAlarm(ctx, b.Child(each.key), b.alarmArgs(each), b.Options()...)
		if err != nil {
			return nil, fmt.Errorf("create alarm %s: %w", each.key, err)
		}
		deployment.Names = append(deployment.Names, made.Name)
	}
	return deployment, scope.Close(pulumi.Map{"names": deployment.Names})
}

// deployment are the alarms of a deployment. Two of the last minutes have to be wrong: ECS looks for as long as the alarms look
// back, after the first minute in which only new tasks answer. Whether the webserver answers is asked by its health check: an
// alarm on that would fail the first deployment, while which the monitor is there and nobody answers.
func (b *builder) deployment() []alarm {
	code := above("deployed-code", "A code location does not load", b.own("CodeLocationsFailed", maximum), 0, minute, silenceIsWell)
	code.wrong, code.periods, code.quiet, code.section = 2, 4, true, deploymentSection
	return []alarm{code}
}
