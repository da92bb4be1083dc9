package service

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
)

// roles makes the role that ECS starts the tasks with, and the one that the workload acts as.
func (b *builder) roles() error {
	platform := b.args.Platform
	var err error
	b.executionRole, err = b.role("execution", grants.Execution(grants.Start{
		Location:        platform.Location,
		Image:           platform.Image,
		LogGroupArn:     b.args.Log.Arn,
		ParameterArns:   b.parameters(),
		ParameterKeyArn: platform.ParameterKeyArn,
	}))
	if err != nil {
		return err
	}
	permissions := b.args.Permissions
	if platform.Exec {
		permissions = append(slices.Clone(permissions), grants.Exec())
	}
	b.taskRole, err = b.role("task", permissions)
	if err != nil {
		return err
	}
	b.ExecutionRoleArn, b.TaskRoleArn = b.executionRole.Arn, b.taskRole.Arn
	return nil
}

// role makes a role that only ECS tasks of this account can take, with one policy unless it may do nothing.
func (b *builder) role(purpose string, statements []iamdoc.Statement) (*iam.Role, error) {
	platform := b.args.Platform
	name := platform.Names.Scoped(naming.RoleLimit, b.args.Kind, purpose)
	trust, err := iamdoc.AssumedBy("ecs-tasks.amazonaws.com", platform.Location.Account)
	if err != nil {
		return nil, err
	}
	role, err := iam.NewRole(b.Ctx, b.Child(purpose), &iam.RoleArgs{
		Name:             pulumi.String(name),
		Description:      pulumi.Sprintf("The %s role of %s", purpose, b.name),
		AssumeRolePolicy: trust,
	}, b.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create role %s: %w", name, err)
	}
	if len(statements) == 0 {
		return role, nil
	}
	document, err := iamdoc.Render(name, statements...)
	if err != nil {
		return nil, err
	}
	policy, err := iam.NewRolePolicy(b.Ctx, b.Child(purpose+"-policy"), &iam.RolePolicyArgs{
		Name:   pulumi.String(purpose),
		Role:   role.Name,
		Policy: document,
	}, b.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create policy of role %s: %w", name, err)
	}
	b.policies = append(b.policies, policy)
	return role, nil
}

// parameters are the parameters of all containers, each once, ordered by container and name.
func (b *builder) parameters() []pulumi.StringInput {
	var arns []pulumi.StringInput
	add := func(secrets map[string]pulumi.StringInput) {
		for _, name := range slices.Sorted(maps.Keys(secrets)) {
			if !slices.Contains(arns, secrets[name]) {
				arns = append(arns, secrets[name])
			}
		}
	}
	add(b.args.Container.Secrets)
	for _, init := range b.args.Init {
		add(init.Secrets)
	}
	return arns
}
