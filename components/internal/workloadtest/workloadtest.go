// Package workloadtest gives the tests of workload components the surroundings that all of them need.
package workloadtest

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/naming"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/pulumitest"
)

// image is an image in a registry of AWS's documentation account.
const image = "111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager:1.0.0"

// Location is where the tests build.
func Location() component.Location {
	return component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}
}

// Platform is what all workloads have in common. Its key, cluster and VPC are computed values.
func Platform(t testing.TB) workload.Platform {
	t.Helper()
	names, err := naming.New("asset-manager", pulumitest.Stack, false)
	if err != nil {
		t.Fatalf("make names: %v", err)
	}
	return workload.Platform{
		Names:           names,
		Location:        Location(),
		Cluster:         cluster.Ref{Name: "fulcrum-cluster", Arn: pulumi.String(Location().ARN("ecs", "cluster/fulcrum-cluster")).ToStringOutput()},
		VpcID:           pulumi.String("vpc-1").ToStringOutput(),
		Subnets:         pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}).ToStringArrayOutput(),
		Environment:     map[string]pulumi.StringInput{"DAGSTER_HOME": pulumi.String(workload.Home)},
		ParameterKeyArn: pulumi.String(Location().ARN("kms", "key/parameters")).ToStringOutput(),
	}
}

// Spec is what every workload is given, with a database user.
func Spec(t testing.TB, log string) workload.Spec {
	t.Helper()
	return workload.Spec{
		Platform: Platform(t), Image: image, CPU: 512, Memory: 1024, Log: logGroup(log), Secrets: Secrets("/asset-manager/dev"),
	}
}

// logGroup is a log group.
func logGroup(kind string) logs.Group {
	return logs.Group{
		Name: pulumi.String("asset-manager/" + kind),
		Arn:  pulumi.String(Location().ARN("logs", "log-group:asset-manager/"+kind)),
	}
}

// Bucket is a bucket.
func Bucket() grants.Bucket {
	return grants.Bucket{
		Arn:      pulumi.String("arn:aws:s3:::bucket").ToStringOutput(),
		KeyArn:   pulumi.String(Location().ARN("kms", "key/data")).ToStringOutput(),
		Prefixes: grants.Prefixes{ComputeLogs: "dagster/compute-logs", Artifacts: "dagster/io", Config: "dagster/config", Monitor: "dagster/monitor"},
	}
}

// Runs is what the launcher starts.
func Runs() grants.Runs {
	return grants.Runs{
		Family: "asset-manager-run",
		RoleArns: []pulumi.StringInput{
			pulumi.String(Location().GlobalARN("iam", "role/run-task")), pulumi.String(Location().GlobalARN("iam", "role/run-execution")),
		},
		LogGroupArn: logGroup("runs").Arn,
	}
}

// StopsRunsOnly fails where a policy lets more tasks be stopped than those of Runs in the cluster.
func StopsRunsOnly(t testing.TB, policy awstest.Policy) {
	t.Helper()
	stop := policy.Of(t, "ecs:StopTask")
	if !slices.Equal(stop.Resource, []string{Location().ARN("ecs", "task/fulcrum-cluster/*")}) {
		t.Errorf("StopTask is allowed on %v", stop.Resource)
	}
	want := []any{Runs().Family}
	if got, _ := stop.Condition["StringEquals"]["aws:ResourceTag/"+grants.RunTag].([]any); !slices.Equal(got, want) {
		t.Errorf("StopTask is allowed with %v", stop.Condition)
	}
}

// Files are what the services read.
func Files() configuration.Files {
	return configuration.Files{
		Bucket:       pulumi.String("bucket").ToStringOutput(),
		InstanceKey:  pulumi.String("dagster/config/0123/dagster-dev.yaml").ToStringOutput(),
		WorkspaceKey: pulumi.String("dagster/config/0123/workspace.yaml").ToStringOutput(),
		AWSKey:       pulumi.String("dagster/config/0123/aws.ini").ToStringOutput(),
		Module:       "asset_manager.definitions",
		Generation:   pulumi.String("7f"),
	}
}

// Secrets are the parameters of a database user below path.
func Secrets(path string) map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{
		"DAGSTER_PG_USER":     pulumi.String(Parameter(path, "DAGSTER_PG_USER")).ToStringOutput(),
		"DAGSTER_PG_PASSWORD": pulumi.String(Parameter(path, "DAGSTER_PG_PASSWORD")).ToStringOutput(),
	}
}

// Parameter is the ARN of a parameter.
func Parameter(path, name string) string {
	return Location().ARN("ssm", "parameter"+path+"/"+name)
}
