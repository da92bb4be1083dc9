package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/key"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
)

// recordFlows keeps a record of all traffic of the VPC in a log group under its own key.
func (b *builder) recordFlows() error {
	group, err := b.createFlowGroup()
	if err != nil {
		return err
	}
	role, err := b.createFlowRole(group.Arn)
	if err != nil {
		return err
	}
	if _, err := ec2.NewFlowLog(b.Ctx, b.Child("flow-log"), &ec2.FlowLogArgs{
		VpcId:                  b.vpc.ID(),
		TrafficType:            pulumi.String("ALL"),
		LogDestinationType:     pulumi.String("cloud-watch-logs"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.Arn,
		MaxAggregationInterval: pulumi.Int(600),
		Tags:                   b.tags("flow-log"),
	}, b.Options()...); err != nil {
		return fmt.Errorf("create flow log: %w", err)
	}
	return nil
}

func (b *builder) createFlowGroup() (*cloudwatch.LogGroup, error) {
	name := b.args.NamePrefix + "/flow-logs"
	made, err := key.New(b.Scope, key.Args{
		Suffix:      "flow-log",
		Alias:       b.args.NamePrefix + "-flow-logs",
		Description: "Flow logs of " + b.args.NamePrefix,
		Location:    b.args.Location,
		Statements:  []iamdoc.Statement{key.ForLogs(b.args.Location, name)},
		Keep:        b.args.FlowLogs.Keep,
	})
	if err != nil {
		return nil, err
	}
	group, err := cloudwatch.NewLogGroup(b.Ctx, b.Child("flow-log-group"), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(name),
		RetentionInDays: pulumi.Int(b.args.FlowLogs.retentionDays()),
		KmsKeyId:        made.Arn,
	}, b.Stateful(b.args.FlowLogs.Keep)...)
	if err != nil {
		return nil, fmt.Errorf("create flow log group: %w", err)
	}
	return group, nil
}

// createFlowRole lets the flow log service write to the group (VPC user guide, IAM role for publishing flow logs).
func (b *builder) createFlowRole(group pulumi.StringOutput) (*iam.Role, error) {
	trust, err := iamdoc.AssumedBy("vpc-flow-logs.amazonaws.com", b.args.Location.Account)
	if err != nil {
		return nil, fmt.Errorf("write trust policy of flow log role: %w", err)
	}
	role, err := iam.NewRole(b.Ctx, b.Child("flow-log-role"), &iam.RoleArgs{
		Name:             pulumi.String(naming.Fit(b.args.NamePrefix+"-flow-logs", naming.RoleLimit)),
		Description:      pulumi.String("Writes the VPC's flow logs"),
		AssumeRolePolicy: trust,
	}, b.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create flow log role: %w", err)
	}
	policy, err := iamdoc.Render("flow log role", iamdoc.Statement{
		Sid:      "WriteFlowLogs",
		Action:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resource: []any{pulumi.Sprintf("%s:*", group)},
	})
	if err != nil {
		return nil, fmt.Errorf("write policy of flow log role: %w", err)
	}
	if _, err := iam.NewRolePolicy(b.Ctx, b.Child("flow-log-policy"), &iam.RolePolicyArgs{
		Name:   pulumi.String("write-flow-logs"),
		Role:   role.Name,
		Policy: policy,
	}, b.Options()...); err != nil {
		return nil, fmt.Errorf("create policy of flow log role: %w", err)
	}
	return role, nil
}
