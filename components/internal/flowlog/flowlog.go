// Package flowlog keeps a record of a VPC's traffic in CloudWatch Logs, under a key and by a role of its own.
package flowlog

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/internal/iamdoc"
)

// aggregationSeconds is the longest interval that AWS offers; the shorter one costs ten times the records.
const aggregationSeconds = 600

// Args describe a record.
type Args struct {
	// VpcID is the VPC; required.
	VpcID pulumi.StringInput
	// NamePrefix begins the physical names; required.
	NamePrefix string
	// Location is where the VPC is; required.
	Location component.Location
	// RetentionDays is how long records are kept, a period that CloudWatch Logs offers; required.
	RetentionDays int
	// Keep says whether log group and key are held on to.
	Keep component.Keep
}

// New makes the record under the component of the scope.
func New(scope *component.Scope, args Args) error {
	group, err := createGroup(scope, args)
	if err != nil {
		return err
	}
	// VPC user guide, IAM role for publishing flow logs; the group is there already
	role, err := servicerole.New(scope, servicerole.Args{
		Suffix:      "flow-log",
		Name:        args.NamePrefix + "-flow-logs",
		Description: "Writes the VPC's flow logs",
		Trust:       servicerole.Trust("vpc-flow-logs.amazonaws.com", args.Location.Account),
		Statements: []iamdoc.Statement{{
			Sid:      "WriteFlowLogs",
			Action:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resource: []any{pulumi.Sprintf("%s:*", group.Arn)},
		}, {
			// Judged by all groups of the region, whichever is looked for.
			Sid:      "FindLogGroup",
			Action:   []string{"logs:DescribeLogGroups"},
			Resource: []any{pulumi.String(args.Location.ARN("logs", "log-group:*"))},
		}},
	})
	if err != nil {
		return err
	}
	if _, err := ec2.NewFlowLog(scope.Ctx, scope.Child("flow-log"), &ec2.FlowLogArgs{
		VpcId:                  args.VpcID.ToStringOutput(),
		TrafficType:            pulumi.String("ALL"),
		LogDestinationType:     pulumi.String("cloud-watch-logs"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.Arn,
		MaxAggregationInterval: pulumi.Int(aggregationSeconds),
		Tags:                   pulumi.StringMap{"Name": pulumi.String(args.NamePrefix + "-flow-log")},
	}, scope.Options()...); err != nil {
		return fmt.Errorf("create flow log: %w", err)
	}
	return nil
}

func createGroup(scope *component.Scope, args Args) (*cloudwatch.LogGroup, error) {
	name := args.NamePrefix + "/flow-logs"
	made, err := key.New(scope, key.Args{
		Suffix:      "flow-log-key",
		Alias:       args.NamePrefix + "-flow-logs",
		Description: "Flow logs of " + args.NamePrefix,
		Location:    args.Location,
		Statements:  []iamdoc.Statement{key.ForLogs(args.Location, name)},
		Keep:        args.Keep,
	})
	if err != nil {
		return nil, err
	}
	group, err := cloudwatch.NewLogGroup(scope.Ctx, scope.Child("flow-log-group"), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(name),
		RetentionInDays: pulumi.Int(args.RetentionDays),
		KmsKeyId:        made.Arn,
	}, scope.Stateful(args.Keep)...)
	if err != nil {
		return nil, fmt.Errorf("create flow log group: %w", err)
	}
	return group, nil
}
