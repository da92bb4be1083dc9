// Package grants says what each process of a Dagster installation may do, as IAM statements: one function per principal,
// so that the whole of least privilege can be read in one place.
//
// It follows Dagster 1.13 with dagster-aws 0.29 and EcsRunLauncher in its ARN mode: a task definition with revision,
// use_current_ecs_task_config off, no secrets tag, queued runs. It grants nothing for what that mode never calls: no
// RegisterTaskDefinition, no ListSecrets, and no ECS permission at all to a run. A `*` resource stands only where the
// API has no resource-level permission, with a comment that says so.
package grants

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/problems"
)

// Tasks are the tasks of a cluster, by the place and the name that are known at plan time.
type Tasks struct {
	// Location is where the cluster is; required.
	Location iamdoc.Scope
	// Cluster is the cluster's name; required.
	Cluster string
}

// Prefixes are where things lie in the bucket, without a slash at either end; all are required.
type Prefixes struct {
	// ComputeLogs is where what steps print lies, Artifacts where assets' outputs do, Config where the configuration does, Monitor
	// where the monitor tries the bucket.
	ComputeLogs, Artifacts, Config, Monitor string
}

// Bucket is the bucket that Dagster keeps compute logs, outputs and its configuration in, in the region of the tasks.
type Bucket struct {
	// Arn is the bucket's ARN; required.
	Arn pulumi.StringInput
	// KeyArn is the key that the bucket is encrypted with; required.
	KeyArn pulumi.StringInput
	// Prefixes are where things lie in it; required.
	Prefixes Prefixes
}

// Validate reports what is missing.
func (b Bucket) Validate() error {
	var list problems.List
	list.Check(b.Arn != nil, "Arn", "is required")
	list.Check(b.KeyArn != nil, "KeyArn", "is required")
	list.Required("Prefixes.ComputeLogs", b.Prefixes.ComputeLogs)
	list.Required("Prefixes.Artifacts", b.Prefixes.Artifacts)
	list.Required("Prefixes.Config", b.Prefixes.Config)
	list.Required("Prefixes.Monitor", b.Prefixes.Monitor)
	return list.Err()
}

// Runs is what the daemon starts: runs of one task definition. A code location can bring its own.
type Runs struct {
	// Family is the family of the run task definition; required.
	Family string
	// RoleArns are the roles that a run task is started with; required.
	RoleArns []pulumi.StringInput
	// LogGroupArn is the log group of the runs; required.
	LogGroupArn pulumi.StringInput
}

func (r Runs) validate() error {
	var list problems.List
	list.Required("Family", r.Family)
	list.Check(len(r.RoleArns) > 0, "RoleArns", "is required")
	list.Check(r.LogGroupArn != nil, "LogGroupArn", "is required")
	return list.Err()
}

// CheckRuns adds what is wrong with a field Runs, of which one is required.
func CheckRuns(list *problems.List, all []Runs) {
	list.Check(len(all) > 0, "Runs", "is required")
	for i, runs := range all {
		list.Take(fmt.Sprintf("Runs[%d]", i), runs.validate())
	}
}

// RunTag is the tag by which AWS tells the tasks of runs from those of services: a run task definition carries it with its
// family, and Dagster's launcher has ECS hand it on to each run.
const RunTag = "Workload"

// Webserver is what the UI's process calls: it shows compute logs and stops runs that a person terminates. It starts
// nothing. It loads the code locations itself, whose processes write compute logs, and its init container reads the
// configuration.
func Webserver(tasks Tasks, bucket Bucket, runs ...Runs) []iamdoc.Statement {
	return append(bucket.shared(tasks.Location), describeDefinitions(), tasks.watch(), tasks.stop(runs),
		iamdoc.Statement{
			Sid:      "ReadComputeLogs",
			Action:   []string{"s3:GetObject"},
			Resource: []any{bucket.objects(bucket.Prefixes.ComputeLogs)},
		},
		bucket.list("ListComputeLogs", bucket.Prefixes.ComputeLogs),
	)
}

// Daemon is what the daemon's process calls: it starts runs with the run roles, watches and stops them, and quotes the
// last lines of a crashed one.
func Daemon(tasks Tasks, bucket Bucket, runs ...Runs) []iamdoc.Statement {
	var definitions, roles, streams []any
	for _, each := range runs {
		definitions = append(definitions, tasks.Location.ARN("ecs", "task-definition/"+each.Family+":*"))
		for _, role := range each.RoleArns {
			roles = append(roles, role)
		}
		streams = append(streams, pulumi.Sprintf("%s:log-stream:*", each.LogGroupArn))
	}
	return append(bucket.shared(tasks.Location), describeDefinitions(), tasks.watch(), tasks.stop(runs),
		iamdoc.Statement{
			// The subnets, groups and public address of a task have no condition key (service authorization reference,
			// RunTask): the queue of runs holds those back that would choose their own.
			Sid:       "StartRuns",
			Action:    []string{"ecs:RunTask"},
			Resource:  definitions,
			Condition: tasks.onCluster(),
		},
		tasks.tagStarted("TagStartedRuns"),
		passToTasks("PassRunRoles", roles),
		iamdoc.Statement{
			Sid:      "QuoteRunLogs",
			Action:   []string{"logs:GetLogEvents"},
			Resource: streams,
		},
	)
}

// Run is what a run's process calls: it writes its compute logs, and keeps the outputs of assets. It may not touch ECS.
func Run(here iamdoc.Scope, bucket Bucket) []iamdoc.Statement {
	return []iamdoc.Statement{
		bucket.writeComputeLogs(),
		{
			Sid:      "KeepArtifacts",
			Action:   []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
			Resource: []any{bucket.objects(bucket.Prefixes.Artifacts)},
		},
		bucket.list("ListArtifacts", bucket.Prefixes.Artifacts),
		bucket.useKey(here),
	}
}

// Sessions is what the agent of ECS Exec calls, which opens sessions in a task (ECS developer guide, "ECS Exec permissions").
func Sessions() iamdoc.Statement {
	return iamdoc.Statement{
		Sid: "OpenSessions",
		Action: []string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		},
		Resource: []any{"*"}, // the channels have no resource-level permission
	}
}

// shared is what both services do: read their configuration, and write compute logs by the code that they load.
func (b Bucket) shared(here iamdoc.Scope) []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid:      "ReadConfiguration",
			Action:   []string{"s3:GetObject"},
			Resource: []any{b.objects(b.Prefixes.Config)},
		},
		b.writeComputeLogs(),
		b.useKey(here),
	}
}

func (b Bucket) writeComputeLogs() iamdoc.Statement {
	return iamdoc.Statement{
		Sid:      "WriteComputeLogs",
		Action:   []string{"s3:PutObject", "s3:AbortMultipartUpload"},
		Resource: []any{b.objects(b.Prefixes.ComputeLogs)},
	}
}

// useKey allows the bucket's key through S3 only. An upload in parts needs Decrypt beside GenerateDataKey.
func (b Bucket) useKey(here iamdoc.Scope) iamdoc.Statement {
	return iamdoc.Statement{
		Sid:       "UseBucketKey",
		Action:    []string{"kms:Decrypt", "kms:GenerateDataKey"},
		Resource:  []any{b.KeyArn},
		Condition: iamdoc.Condition{"StringEquals": {"kms:ViaService": here.ServiceHost("s3")}},
	}
}

// list allows listing below one prefix: without it S3 answers 403 for a missing object, which Dagster takes for an error.
func (b Bucket) list(sid, prefix string) iamdoc.Statement {
	return iamdoc.Statement{
		Sid:       sid,
		Action:    []string{"s3:ListBucket"},
		Resource:  []any{b.Arn},
		Condition: iamdoc.Condition{"StringLike": {"s3:prefix": []string{prefix, prefix + "/*"}}},
	}
}

func (b Bucket) objects(prefix string) any {
	return pulumi.Sprintf("%s/%s/*", b.Arn, prefix)
}

func (t Tasks) all() string {
	return t.Location.ARN("ecs", "task/"+t.Cluster+"/*")
}

func (t Tasks) onCluster() iamdoc.Condition {
	return iamdoc.Condition{"ArnEquals": {"ecs:cluster": t.Location.ARN("ecs", "cluster/"+t.Cluster)}}
}

// tagStarted allows giving tags to tasks as they are started, and to no others.
func (t Tasks) tagStarted(sid string) iamdoc.Statement {
	return iamdoc.Statement{
		Sid:       sid,
		Action:    []string{"ecs:TagResource"},
		Resource:  []any{t.all()},
		Condition: iamdoc.Condition{"StringEquals": {"ecs:CreateAction": "RunTask"}},
	}
}

// passToTasks allows giving the roles to tasks of ECS.
func passToTasks(sid string, roles []any) iamdoc.Statement {
	return iamdoc.Statement{
		Sid:       sid,
		Action:    []string{"iam:PassRole"},
		Resource:  roles,
		Condition: iamdoc.Condition{"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
	}
}

// watch allows seeing tasks of the cluster.
func (t Tasks) watch() iamdoc.Statement {
	return iamdoc.Statement{
		Sid:       "WatchRuns",
		Action:    []string{"ecs:DescribeTasks"},
		Resource:  []any{t.all()},
		Condition: t.onCluster(),
	}
}

// stop allows stopping the tasks of runs, and no other task of the cluster.
func (t Tasks) stop(runs []Runs) iamdoc.Statement {
	families := make([]string, len(runs))
	for i, each := range runs {
		families[i] = each.Family
	}
	condition := t.onCluster()
	condition["StringEquals"] = map[string]any{"aws:ResourceTag/" + RunTag: families}
	return iamdoc.Statement{
		Sid:       "StopRuns",
		Action:    []string{"ecs:StopTask"},
		Resource:  []any{t.all()},
		Condition: condition,
	}
}

// describeDefinitions allows what EcsRunLauncher does when it is built: it looks its task definition up once.
func describeDefinitions() iamdoc.Statement {
	return iamdoc.Statement{
		Sid:      "DescribeTaskDefinitions",
		Action:   []string{"ecs:DescribeTaskDefinition"},
		Resource: []any{"*"}, // DescribeTaskDefinition has no resource-level permission
	}
}
