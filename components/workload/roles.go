package workload

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/iamdoc"
)

// roles makes the role that ECS starts the tasks with, and the one that the workload acts as.
func (b *builder) roles() (err error) {
	platform := b.args.Spec.Platform
	b.ExecutionRoleArn, err = b.role("execution", grants.Execution(grants.Start{
		Location:        platform.Location,
		Image:           b.args.Spec.Image,
		LogGroupArn:     b.args.Spec.Log.Arn,
		ParameterArns:   b.parameters(),
		ParameterKeyArn: platform.ParameterKeyArn,
	}))
	if err != nil {
		return err
	}
	permissions := b.args.Permissions
	if b.args.Exec {
		permissions = append(slices.Clip(permissions), grants.Sessions())
	}
	b.TaskRoleArn, err = b.role("task", permissions)
	return err
}

// role makes a role that only ECS tasks of this account can take, with one policy unless it may do nothing.
func (b *builder) role(purpose string, statements []iamdoc.Statement) (pulumi.StringOutput, error) {
	platform := b.args.Spec.Platform
	role, err := servicerole.New(b.Scope, servicerole.Args{
		Suffix:      purpose,
		Name:        platform.Names.Scoped(naming.RoleLimit, b.args.Kind, purpose),
		Description: "The " + purpose + " role of " + b.Family,
		Trust:       servicerole.Trust("ecs-tasks.amazonaws.com", platform.Location.Account),
		Statements:  statements,
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	if role.Policy != nil {
		b.Needed = append(b.Needed, role.Policy)
	}
	return role.Arn, nil
}

// parameters are the container's parameters, ordered by name.
func (b *builder) parameters() []pulumi.StringInput {
	var arns []pulumi.StringInput
	for _, name := range slices.Sorted(maps.Keys(b.args.Spec.Secrets)) {
		arns = append(arns, b.args.Spec.Secrets[name])
	}
	return arns
}
