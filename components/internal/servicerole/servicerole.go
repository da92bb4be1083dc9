// Package servicerole makes the roles that AWS services take to do their part: one service, one policy.
package servicerole

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/iamdoc"
)

// Args describe one role.
type Args struct {
	// Suffix begins the logical names: `<suffix>-role` and `<suffix>-policy`; required.
	Suffix string
	// Name is the role's physical name, cut with a hash to what IAM allows; required.
	Name string
	// Description says what the role is for; required.
	Description string
	// Trust says which service may take the role; required.
	Trust iamdoc.Statement
	// Statements are what the role may do. None: a policy is attached elsewhere.
	Statements []iamdoc.Statement
}

// Role is a role with its policy, which is nil without statements.
type Role struct {
	*iam.Role
	// Policy is what the role may do; what acts by the role at once waits for it.
	Policy *iam.RolePolicy
}

// New makes a role under the component of the scope.
func New(scope *component.Scope, args Args) (*Role, error) {
	trust, err := iamdoc.Render("trust of role "+args.Name, args.Trust)
	if err != nil {
		return nil, err
	}
	role, err := iam.NewRole(scope.Ctx, scope.Child(args.Suffix+"-role"), &iam.RoleArgs{
		Name:             pulumi.String(naming.Fit(args.Name, naming.RoleLimit)),
		Description:      pulumi.String(args.Description),
		AssumeRolePolicy: trust,
	}, scope.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create role %s: %w", args.Name, err)
	}
	if len(args.Statements) == 0 {
		return &Role{Role: role}, nil
	}
	document, err := iamdoc.Render("role "+args.Name, args.Statements...)
	if err != nil {
		return nil, err
	}
	policy, err := iam.NewRolePolicy(scope.Ctx, scope.Child(args.Suffix+"-policy"), &iam.RolePolicyArgs{
		Name:   pulumi.String(args.Suffix),
		Role:   role.Name,
		Policy: document,
	}, scope.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create policy of role %s: %w", args.Name, err)
	}
	return &Role{Role: role, Policy: policy}, nil
}

// Trust lets a service take a role on behalf of one account.
func Trust(service, account string) iamdoc.Statement {
	statement := TrustAny(service)
	statement.Condition = iamdoc.Condition{"StringEquals": {"aws:SourceAccount": account}}
	return statement
}

// TrustAny lets a service take a role whatever it acts for: only for services that do not say.
func TrustAny(service string) iamdoc.Statement {
	return iamdoc.Statement{
		Sid: "AssumedByService", Principal: iamdoc.Service(service), Action: []string{"sts:AssumeRole"},
	}
}
