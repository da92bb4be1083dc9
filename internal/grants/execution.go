package grants

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/rules"
)

// Start is what ECS itself needs to start a workload's tasks.
type Start struct {
	// Location is where the tasks run; required.
	Location iamdoc.Scope
	// Image is the image reference; only one in ECR needs a permission.
	Image string
	// LogGroupArn is the log group of the workload; required.
	LogGroupArn pulumi.StringInput
	// ParameterArns are the SSM parameters that are injected as secrets. Empty means none.
	ParameterArns []pulumi.StringInput
	// ParameterKeyArn is the key that they are encrypted with; required with ParameterArns.
	ParameterKeyArn pulumi.StringInput
}

// Execution is what a task execution role needs: to pull the one image, write to the one log group and read exactly the
// parameters of this workload.
func Execution(start Start) []iamdoc.Statement {
	statements := pull(start)
	streams := pulumi.Sprintf("%s:log-stream:*", start.LogGroupArn)
	statements = append(statements,
		// The service authorization reference names the group, the refusals that people report name the stream.
		iamdoc.Statement{
			Sid: "CreateLogStreams", Action: []string{"logs:CreateLogStream"}, Resource: []any{start.LogGroupArn, streams},
		},
		iamdoc.Statement{Sid: "WriteLogs", Action: []string{"logs:PutLogEvents"}, Resource: []any{streams}},
	)
	if len(start.ParameterArns) == 0 {
		return statements
	}
	parameters := make([]any, len(start.ParameterArns))
	for i, arn := range start.ParameterArns {
		parameters[i] = arn
	}
	return append(statements,
		iamdoc.Statement{Sid: "ReadParameters", Action: []string{"ssm:GetParameters"}, Resource: parameters},
		iamdoc.Statement{
			Sid:      "DecryptParameters",
			Action:   []string{"kms:Decrypt"},
			Resource: []any{start.ParameterKeyArn},
			Condition: iamdoc.Condition{"StringEquals": {
				"kms:ViaService":                      start.Location.ServiceHost("ssm"),
				"kms:EncryptionContext:PARAMETER_ARN": parameters,
			}},
		},
	)
}

func pull(start Start) []iamdoc.Statement {
	image, private := rules.OfECR(start.Image)
	if !private {
		return nil
	}
	registry := iamdoc.Scope{Partition: start.Location.Partition, Account: image.Account, Region: image.Region}
	return []iamdoc.Statement{
		{
			Sid:      "LogInToRegistry",
			Action:   []string{"ecr:GetAuthorizationToken"},
			Resource: []any{"*"}, // GetAuthorizationToken has no resource-level permission
		},
		{
			Sid:      "PullImage",
			Action:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resource: []any{registry.ARN("ecr", "repository/"+image.Repository)},
		},
	}
}
