package grants_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/iamdoc"
)

// needs are the actions of each statement, with what stops working without one.
type needs map[string]map[string]string

var shared = needs{
	"ReadConfiguration": {"s3:GetObject": "the init container configure fetches dagster.yaml, workspace.yaml and aws.ini"},
	"WriteComputeLogs": {
		"s3:PutObject":            "S3ComputeLogManager uploads what code prints while it is loaded or evaluated",
		"s3:AbortMultipartUpload": "boto3 gives up a large upload that failed",
	},
	"UseBucketKey": {
		"kms:Decrypt":         "every GetObject, and every upload in parts",
		"kms:GenerateDataKey": "every PutObject",
	},
	"DescribeTaskDefinitions": {"ecs:DescribeTaskDefinition": "EcsRunLauncher looks its definition up when it is built: neither service starts"},
	"WatchRuns": {"ecs:DescribeTasks": "EcsRunLauncher.check_run_worker_health and terminate: " +
		"run monitoring notices by it alone that a run's container is lost"},
	"StopRuns": {"ecs:StopTask": "EcsRunLauncher.terminate: a run that is terminated goes on"},
}

var webserver = needs{
	"ReadComputeLogs": {"s3:GetObject": "the UI shows compute logs, and signs the links of their download"},
	"ListComputeLogs": {"s3:ListBucket": "S3 answers 403 instead of 404 for logs that are not there yet"},
}

var daemon = needs{
	"StartRuns":      {"ecs:RunTask": "EcsRunLauncher.launch_run"},
	"TagStartedRuns": {"ecs:TagResource": "RunTask with the tags of the run, by which it is found and paid for"},
	"PassRunRoles":   {"iam:PassRole": "RunTask with a definition that has roles"},
	"QuoteRunLogs":   {"logs:GetLogEvents": "EcsRunLauncher.check_run_worker_health puts the last lines of a lost run into its events"},
}

var run = needs{
	"WriteComputeLogs": shared["WriteComputeLogs"],
	"UseBucketKey":     shared["UseBucketKey"],
	"KeepArtifacts": {
		"s3:GetObject": "PickledObjectS3IOManager.load_from_path", "s3:PutObject": "PickledObjectS3IOManager.dump_to_path",
		"s3:DeleteObject": "PickledObjectS3IOManager.unlink, before an output is written anew", "s3:AbortMultipartUpload": "boto3 gives up a large upload that failed",
	},
	"ListArtifacts": {"s3:ListBucket": "PickledObjectS3IOManager lists when it is made, and S3 answers 403 instead of 404 for an output that is not there"},
}

var execution = needs{
	"LogInToRegistry": {"ecr:GetAuthorizationToken": "the pull of an image from ECR"},
	"PullImage": {
		"ecr:BatchCheckLayerAvailability": "the pull of an image from ECR", "ecr:BatchGetImage": "the pull of an image from ECR",
		"ecr:GetDownloadUrlForLayer": "the pull of an image from ECR",
	},
	"CreateLogStreams":  {"logs:CreateLogStream": "the log driver awslogs, before the container starts"},
	"WriteLogs":         {"logs:PutLogEvents": "the log driver awslogs"},
	"ReadParameters":    {"ssm:GetParameters": "ECS injects the secrets of a task when it starts"},
	"DecryptParameters": {"kms:Decrypt": "the parameters are SecureString"},
}

var (
	place  = iamdoc.Scope{Partition: "aws", Region: "us-west-1", Account: "111122223333"}
	tasks  = grants.Tasks{Location: place, Cluster: "main"}
	bucket = grants.Bucket{
		Arn: pulumi.String("arn:aws:s3:::bucket"), KeyArn: pulumi.String("arn:aws:kms:us-west-1:111122223333:key/a"),
		Prefixes: grants.Prefixes{ComputeLogs: "logs", Artifacts: "io", Config: "config", Monitor: "monitor"},
	}
	runs = grants.Runs{
		Family: "run", RoleArns: []pulumi.StringInput{pulumi.String("arn:aws:iam::111122223333:role/run")},
		LogGroupArn: pulumi.String("arn:aws:logs:us-west-1:111122223333:log-group:runs"),
	}
)

func TestEachActionIsGrantedForAReasonAndNoneIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		granted []iamdoc.Statement
		needed  []needs
	}{
		"webserver": {grants.Webserver(tasks, bucket, runs), []needs{shared, webserver}},
		"daemon":    {grants.Daemon(tasks, bucket, runs), []needs{shared, daemon}},
		"run":       {grants.Run(place, bucket), []needs{run}},
		"execution": {grants.Execution(grants.Start{
			Location: place, Image: "111122223333.dkr.ecr.us-west-1.amazonaws.com/app:1", LogGroupArn: runs.LogGroupArn,
			ParameterArns: []pulumi.StringInput{pulumi.String("arn:aws:ssm:us-west-1:111122223333:parameter/a")}, ParameterKeyArn: bucket.KeyArn,
		}), []needs{execution}},
	} {
		granted := map[string]map[string]bool{}
		for _, statement := range c.granted {
			granted[statement.Sid] = map[string]bool{}
			for _, action := range statement.Action {
				granted[statement.Sid][action] = true
			}
		}
		for _, needed := range c.needed {
			for sid, actions := range needed {
				for action, reason := range actions {
					if !granted[sid][action] {
						t.Errorf("%s: %s lacks %s, which it takes for: %s", name, sid, action, reason)
					}
					delete(granted[sid], action)
				}
			}
		}
		for sid, rest := range granted {
			for action := range rest {
				t.Errorf("%s: %s has %s, and nothing says what for", name, sid, action)
			}
		}
	}
}
