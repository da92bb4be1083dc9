package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/deployaccess"
)

// boundRoles puts the permissions boundary of the settings on every role, whichever component makes it: a role that was
// forgotten could not be made by a role that deploys, or could do more than the others.
func (s *stack) boundRoles() error {
	boundary := deployaccess.BoundaryARN(s.settings, s.location.Partition)
	if boundary == "" {
		return nil
	}
	err := s.ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		role, ok := args.Props.(*iam.RoleArgs)
		if !ok {
			return nil
		}
		role.PermissionsBoundary = pulumi.String(boundary)
		return &pulumi.ResourceTransformationResult{Props: role, Opts: args.Opts}
	})
	if err != nil {
		return fmt.Errorf("bound roles by %s: %w", boundary, err)
	}
	return nil
}
