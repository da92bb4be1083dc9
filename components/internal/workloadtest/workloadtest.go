// Package workloadtest gives the tests of workload components the surroundings that all of them need.
package workloadtest

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/service"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/pulumitest"
)

// Image is an image in a registry of AWS's documentation account.
const Image = "111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager:1.0.0"

// Location is where the tests build.
func Location() component.Location {
	return component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}
}

// Platform is what all workloads have in common. Its key, cluster and VPC are computed values.
func Platform(t testing.TB) service.Platform {
	t.Helper()
	names, err := naming.New("asset-manager", pulumitest.Stack)
	if err != nil {
		t.Fatalf("make names: %v", err)
	}
	return service.Platform{
		Names:           names,
		Location:        Location(),
		Image:           Image,
		ClusterArn:      pulumi.String(Location().ARN("ecs", "cluster/fulcrum-cluster")).ToStringOutput(),
		VpcID:           pulumi.String("vpc-1").ToStringOutput(),
		Subnets:         pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}).ToStringArrayOutput(),
		Environment:     map[string]pulumi.StringInput{"DAGSTER_HOME": pulumi.String(service.Home)},
		ParameterKeyArn: pulumi.String(Location().ARN("kms", "key/parameters")).ToStringOutput(),
	}
}

// Workload is what every workload is given, with a database user.
func Workload(t testing.TB, log string) service.Workload {
	t.Helper()
	return service.Workload{
		Platform: Platform(t), Cpu: 512, Memory: 1024, Log: Log(log), Secrets: Secrets("/asset-manager/dev"),
	}
}

// Log is a log group.
func Log(kind string) service.Log {
	return service.Log{
		Name: pulumi.String("asset-manager/" + kind),
		Arn:  pulumi.String(Location().ARN("logs", "log-group:asset-manager/"+kind)),
	}
}

// Store is a bucket.
func Store() grants.Store {
	return grants.Store{
		Location:    Location(),
		BucketArn:   pulumi.String("arn:aws:s3:::bucket").ToStringOutput(),
		KeyArn:      pulumi.String(Location().ARN("kms", "key/data")).ToStringOutput(),
		ComputeLogs: "dagster/compute-logs",
		Artifacts:   "dagster/io",
		Config:      "dagster/config",
	}
}

// Runs is what the launcher starts.
func Runs() grants.Runs {
	return grants.Runs{
		Location: Location(),
		Cluster:  "fulcrum-cluster",
		Family:   "asset-manager-run",
		RoleArns: []pulumi.StringInput{
			pulumi.String(Location().GlobalARN("iam", "role/run-task")), pulumi.String(Location().GlobalARN("iam", "role/run-execution")),
		},
		LogGroupArn: Log("runs").Arn,
	}
}

// Configuration is what the services read.
func Configuration() service.Configuration {
	return service.Configuration{
		InstanceKey:  pulumi.String("dagster/config/dagster-dev.yaml").ToStringOutput(),
		WorkspaceKey: pulumi.String("dagster/config/workspace.yaml").ToStringOutput(),
		Hash:         pulumi.String("0123"),
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
