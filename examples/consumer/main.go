// Command consumer is an example of another team's stack: a service that Dagster's runs call, a role of a job that reads
// what runs have written and has a secret of its own, and an alarm that tells the people whom Dagster's alarms tell.
package main

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/outputs"
)

// name begins the names of what the team has.
const name = "stories"

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	stack, _ := ctx.GetConfig("stories:dagster")
	dagster, err := outputs.Read(ctx, stack)
	if err != nil {
		return err
	}
	balancer, err := serve(ctx, dagster)
	if err != nil {
		return err
	}
	if err := readOutputs(ctx, dagster); err != nil {
		return err
	}
	ctx.Export("url", pulumi.Sprintf("http://%s:%d", balancer.DnsName, port))
	return alarm(ctx, dagster, balancer.ArnSuffix)
}

// readOutputs makes the role of the team's own tasks: it reads one prefix of what runs have written, and one secret.
func readOutputs(ctx *pulumi.Context, dagster *outputs.Dagster) error {
	password, err := random.NewRandomPassword(ctx, "token", &random.RandomPasswordArgs{Length: pulumi.Int(32)})
	if err != nil {
		return fmt.Errorf("make the secret: %w", err)
	}
	secret, err := ssm.NewParameter(ctx, "token", &ssm.ParameterArgs{
		Name: pulumi.String("/" + name + "/TOKEN"), Type: pulumi.String("SecureString"), Value: password.Result,
	})
	if err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	role, err := iam.NewRole(ctx, "job", &iam.RoleArgs{
		Name: pulumi.String(name + "-job"), AssumeRolePolicy: trustTasks(),
	})
	if err != nil {
		return fmt.Errorf("make the role: %w", err)
	}
	bucket := "arn:aws:s3:::" + dagster.BucketName
	_, err = iam.NewRolePolicy(ctx, "job", &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: pulumi.JSONMarshal(map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{
				"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket,
				"Condition": map[string]any{"StringLike": map[string]any{"s3:prefix": prefix + "*"}},
			},
			map[string]any{"Effect": "Allow", "Action": "s3:GetObject", "Resource": bucket + "/" + prefix + "*"},
			map[string]any{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": dagster.BucketKeyArn},
			map[string]any{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": secret.Arn},
		}}),
	})
	if err != nil {
		return fmt.Errorf("let the role read: %w", err)
	}
	return nil
}

// prefix is what the team's job may read of Dagster's outputs.
const prefix = "dagster/io/"

// trustTasks lets ECS tasks take a role.
func trustTasks() pulumi.StringOutput {
	return pulumi.JSONMarshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]string{"Service": "ecs-tasks.amazonaws.com"},
	}}})
}

// alarm tells of the team's service by Dagster's topic, where the stack has one.
func alarm(ctx *pulumi.Context, dagster *outputs.Dagster, balancer pulumi.StringInput) error {
	if dagster.AlertsTopicArn == "" {
		return nil
	}
	_, err := cloudwatch.NewMetricAlarm(ctx, "errors", &cloudwatch.MetricAlarmArgs{
		Name: pulumi.String(name + "-errors"), AlarmDescription: pulumi.String("The service of stories answers with errors"),
		Namespace: pulumi.String("AWS/ApplicationELB"), MetricName: pulumi.String("HTTPCode_Target_5XX_Count"),
		Dimensions: pulumi.StringMap{"LoadBalancer": balancer},
		Statistic:  pulumi.String("Sum"), Period: pulumi.Int(60), EvaluationPeriods: pulumi.Int(5),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"), Threshold: pulumi.Float64(10),
		TreatMissingData: pulumi.String("notBreaching"), AlarmActions: pulumi.Array{pulumi.String(dagster.AlertsTopicArn)},
	})
	if err != nil {
		return fmt.Errorf("make the alarm: %w", err)
	}
	return nil
}

// container is the one of the service, as ECS takes it.
func container(image string) (string, error) {
	text, err := json.Marshal([]map[string]any{{
		"name": name, "image": image, "essential": true, "portMappings": []map[string]any{{"containerPort": 8080}},
		"entryPoint": []string{"python", "-m", "http.server", "8080", "--directory", "/tmp"},
	}})
	return string(text), err
}
