package outputs_test

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/outputs"
)

// Another team's program lets Dagster's runs call its service.
func ExampleRead() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		dagster, err := outputs.Read(ctx, "organization/dagster/prod")
		if err != nil {
			return err
		}
		_, err = vpc.NewSecurityGroupIngressRule(ctx, "runs", &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: pulumi.String("sg-0a1b2c3d4e5f60718"), ReferencedSecurityGroupId: pulumi.String(dagster.RunSecurityGroupID),
			IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
		})
		return err
	})
}
