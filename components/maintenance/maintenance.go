package maintenance

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/grants"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:maintenance:Maintenance"

const (
	// Kind is the short name of the maintenance, as it stands in the family, in log streams and in the schedule's name.
	Kind = "maintenance"
	// stopSeconds is for what is interrupted anyway, and finished by the next call.
	stopSeconds = 30
)

//go:embed maintain.py
var script string

// Maintenance is what removes old runs.
type Maintenance struct {
	pulumi.ResourceState

	// Family is the family of the task definition, known at plan time.
	Family string
	// ScheduleGroup is the name of the schedule's group, by which EventBridge Scheduler measures; known at plan time.
	ScheduleGroup string
}

type builder struct {
	*component.Scope
	*Maintenance
	args     *Args
	workload *workload.Workload
	group    *scheduler.ScheduleGroup
	role     *servicerole.Role
}

// New builds the task definition and its schedule.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Maintenance, error) {
	maintenance := &Maintenance{}
	scope, err := component.Open(ctx, TypeToken, name, maintenance, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Maintenance: maintenance, args: args}
	if err := scope.Run(b.buildWorkload, b.createRole, b.createGroup, b.schedule); err != nil {
		return nil, err
	}
	return maintenance, scope.Close(pulumi.Map{"taskDefinitionArn": b.workload.TaskDefinitionArn})
}

func (b *builder) buildWorkload() error {
	bucket := b.args.Bucket
	instance, err := dagsterconf.RenderKept(bucket.Prefixes.ComputeLogs)
	if err != nil {
		return fmt.Errorf("render the instance: %w", err)
	}
	settings, err := json.Marshal(struct {
		Namespace string `json:"namespace"`
		LogPrefix string `json:"logPrefix"`
		Rules
	}{b.args.Spec.Platform.Names.Metrics(), bucket.Prefixes.ComputeLogs, b.rules()})
	if err != nil {
		return fmt.Errorf("write the rules: %w", err)
	}
	b.workload, err = workload.New(b.Ctx, b.Scope.Name, &workload.Args{
		Spec: b.args.Spec,
		Kind: Kind,
		Container: workload.Container{
			Command: []string{"python", "-u", "-c", script, string(instance), string(settings)},
			// The owner's role is taken on at login: only a table's owner may vacuum it. What a crash of the server takes back is
			// removed the next time, so nobody waits for the disk.
			Environment: map[string]pulumi.StringInput{
				"PGOPTIONS": pulumi.String("-c role=" + b.args.OwnerRole + " -c synchronous_commit=off"),
			},
			StopSeconds: stopSeconds,
		},
		Permissions: grants.Maintenance(bucket),
	}, b.Options()...)
	if err != nil {
		return err
	}
	b.Family = b.workload.Family
	return nil
}

// rules have a list of tags in any case.
func (b *builder) rules() Rules {
	rules := b.args.Rules
	rules.Tags = append([]TagRule{}, rules.Tags...)
	return rules
}
