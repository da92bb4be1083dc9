package configuration

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/imagecheck"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/problems"
)

const (
	// WorkspacePath is where they find workspace.yaml.
	WorkspacePath = workload.Home + "/" + workspaceFile

	instancePath  = workload.Home + "/dagster.yaml"
	workspaceFile = "workspace.yaml"
	awsFile       = "aws.ini"
	awsPath       = workload.Home + "/" + awsFile

	// codeLogVariable is --log-format of the process in which a service loads code (dagster api grpc, whose options
	// Dagster also takes from variables that begin with DAGSTER_CLI): by default its lines have colors.
	codeLogVariable = "DAGSTER_CLI_API_GRPC_LOG_FORMAT"
	// awsVariable names the configuration file of AWS's SDKs.
	awsVariable = "AWS_CONFIG_FILE"
	// generationVariable carries the generation: a change of it makes a new revision, which rolls the service. Nothing
	// reads it.
	generationVariable = "DAGSTER_SECRETS_GENERATION"
)

//go:embed configure.py
var configureScript string

// awsConfiguration makes the links work by which the UI offers compute logs for download. In us-west-1 and other regions
// older than 2014 boto3 signs them with version 2, which S3 refuses for objects under a KMS key (S3 user guide,
// specifying the signature version), and for the global host. No environment variable says otherwise.
//
//go:embed aws.ini
var awsConfiguration string

// Files are the files that a service of Dagster reads, kept as objects in the bucket.
type Files struct {
	// Bucket is the bucket's name; required.
	Bucket pulumi.StringInput
	// InstanceKey is the object's key of dagster.yaml; required.
	InstanceKey pulumi.StringInput
	// WorkspaceKey is the object's key of workspace.yaml; required.
	WorkspaceKey pulumi.StringInput
	// AWSKey is the object's key of the configuration of AWS's SDKs; required.
	AWSKey pulumi.StringInput
	// Module is the Python module of the code, which the image must have; required.
	Module string
	// Generation changes with whatever the services must be rolled for beside the files. Nil means nothing.
	Generation pulumi.StringInput
}

// Validate reports what is missing.
func (f Files) Validate() error {
	var list problems.List
	list.Check(f.Bucket != nil, "Bucket", "is required")
	list.Check(f.InstanceKey != nil, "InstanceKey", "is required")
	list.Check(f.WorkspaceKey != nil, "WorkspaceKey", "is required")
	list.Check(f.AWSKey != nil, "AWSKey", "is required")
	list.Required("Module", f.Module)
	return list.Err()
}

// Init is the init container that checks the image and copies the files into DAGSTER_HOME. Changed files lie elsewhere,
// which makes a new revision and rolls the service. docs/image.md is what it holds the image to.
func (f Files) Init() workload.Init {
	var command []any
	for _, word := range imagecheck.Before(f.Module) {
		command = append(command, word)
	}
	return workload.Init{Name: "configure", Command: append(command,
		"python", "-c", configureScript, f.Bucket,
		pulumi.Sprintf("%s=%s", f.InstanceKey, instancePath), pulumi.Sprintf("%s=%s", f.WorkspaceKey, WorkspacePath),
		pulumi.Sprintf("%s=%s", f.AWSKey, awsPath),
	)}
}

// Environment is what a service needs to work with the files.
func (f Files) Environment() map[string]pulumi.StringInput {
	environment := map[string]pulumi.StringInput{
		awsVariable:     pulumi.String(awsPath),
		codeLogVariable: pulumi.String("json"),
	}
	if f.Generation != nil {
		environment[generationVariable] = f.Generation
	}
	return environment
}
