package grants

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
)

// Monitor is what the monitor's function calls: it tries the bucket with an object of its own, and writes its log. Lambda
// puts it into the network by the same role (Lambda developer guide, required IAM permissions for VPC access), which its code
// may not use: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html.
func Monitor(here iamdoc.Scope, bucket Bucket, logGroupArn pulumi.StringInput, function string) []iamdoc.Statement {
	interfaces := []string{
		"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
	}
	return []iamdoc.Statement{
		{
			Sid:      "TryTheBucket",
			Action:   []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
			Resource: []any{bucket.objects(bucket.Prefixes.Monitor)},
		},
		bucket.useKey(here),
		{
			Sid:      "WriteLog",
			Action:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resource: []any{pulumi.Sprintf("%s:log-stream:*", logGroupArn)},
		},
		{
			Sid:      "JoinTheNetwork",
			Action:   interfaces,
			Resource: []any{"*"}, // the descriptions have no resource-level permission, and Lambda asks for all of them on "*"
		},
		{
			Sid:       "KeepCodeFromTheNetwork",
			Effect:    iamdoc.Deny,
			Action:    interfaces,
			Resource:  []any{"*"},
			Condition: iamdoc.Condition{"ArnEquals": {"lambda:SourceFunctionArn": here.ARN("lambda", "function:"+function)}},
		},
	}
}
