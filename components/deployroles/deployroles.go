package deployroles

import (
	"fmt"
	"path"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/internal/iamdoc"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:deployroles:DeployRoles"

// DeployRoles are the roles of one stack.
type DeployRoles struct {
	pulumi.ResourceState

	// DeployArn is the role that runs up, refresh and destroy, PreviewArn the one that runs preview. Each is there once it
	// may do what it is for.
	DeployArn, PreviewArn pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*DeployRoles
	args *Args
}

// New makes the roles.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*DeployRoles, error) {
	roles := &DeployRoles{}
	scope, err := component.Open(ctx, TypeToken, name, roles, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, DeployRoles: roles, args: args}
	if err := scope.Run(b.createBoundary, b.createDeploy, b.createPreview); err != nil {
		return nil, err
	}
	return roles, scope.Close(pulumi.Map{"deployArn": roles.DeployArn, "previewArn": roles.PreviewArn})
}

func (b *builder) createBoundary() error {
	_, err := b.policy("boundary", b.args.Access.Boundary)
	return err
}

func (b *builder) createDeploy() (err error) {
	var subjects []string
	if b.args.Pipeline != nil {
		subjects = []string{b.args.Pipeline.DeploySubject(b.args.Stack)}
	}
	b.DeployArn, err = b.role("deploy", "Deploys the stack "+b.args.Stack, b.args.Access.Deploy, subjects,
		append(b.args.readState(), b.args.changeState()...))
	return err
}

func (b *builder) createPreview() (err error) {
	var subjects []string
	if b.args.Pipeline != nil {
		subjects = b.args.Pipeline.PreviewSubjects()
	}
	b.PreviewArn, err = b.role("preview", "Previews the stack "+b.args.Stack, b.args.Access.Preview, subjects, b.args.readState())
	return err
}

// role makes a role that the account's own people and the pipeline take. What it may do is attached before its ARN is given.
func (b *builder) role(
	suffix, description string, access deployaccess.Role, subjects []string, state []iamdoc.Statement,
) (arn pulumi.StringOutput, err error) {
	trusted := []iamdoc.Statement{{
		Sid: "TakenByPeople", Principal: b.args.Location.Root(), Action: []string{"sts:AssumeRole"},
	}}
	if len(subjects) > 0 {
		trusted = append(trusted, b.args.Pipeline.Trust(b.args.Location, subjects...))
	}
	trust, err := iamdoc.Render("trust of role "+access.Name, trusted...)
	if err != nil {
		return arn, err
	}
	role, err := iam.NewRole(b.Ctx, b.Child(suffix+"-role"), &iam.RoleArgs{
		Name: pulumi.String(access.Name), Description: pulumi.String(description), AssumeRolePolicy: trust,
		MaxSessionDuration: pulumi.Int(deployaccess.SessionSeconds),
	}, b.Options()...)
	if err != nil {
		return arn, fmt.Errorf("create role %s: %w", access.Name, err)
	}
	document, err := iamdoc.Render("state of role "+access.Name, state...)
	if err != nil {
		return arn, err
	}
	use, err := iam.NewRolePolicy(b.Ctx, b.Child(suffix+"-state"), &iam.RolePolicyArgs{
		Name: pulumi.String("state"), Role: role.Name, Policy: document,
	}, b.Options()...)
	if err != nil {
		return arn, fmt.Errorf("let role %s use the state: %w", access.Name, err)
	}
	ready := []pulumi.CustomResource{use}
	for i, each := range access.Policies {
		suffix := fmt.Sprintf("%s-%d", suffix, i+1)
		policy, err := b.policy(suffix, each)
		if err != nil {
			return arn, err
		}
		attached, err := iam.NewRolePolicyAttachment(b.Ctx, b.Child(suffix+"-attachment"), &iam.RolePolicyAttachmentArgs{
			Role: role.Name, PolicyArn: policy.Arn,
		}, b.Options()...)
		if err != nil {
			return arn, fmt.Errorf("attach policy %s: %w", each.Name, err)
		}
		ready = append(ready, attached)
	}
	return component.After(role.Arn, ready...), nil
}

// policy makes a policy; its name may stand below a path.
func (b *builder) policy(suffix string, policy deployaccess.Policy) (*iam.Policy, error) {
	folder, name := path.Split("/" + policy.Name)
	made, err := iam.NewPolicy(b.Ctx, b.Child(suffix), &iam.PolicyArgs{
		Name: pulumi.String(name), Path: pulumi.String(folder), Policy: pulumi.String(policy.Document),
	}, b.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create policy %s: %w", policy.Name, err)
	}
	return made, nil
}
