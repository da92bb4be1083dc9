// Package doctor looks at a deployed stack and names what is wrong with it: the evidence, what to do, and the section of the
// runbook. It only reads, with the credentials of whoever runs it, and says so where they do not suffice. It never reads a
// secret's value.
//
// Each check asks AWS, and leaves the judgement of what AWS said to package judge.
package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/doctor/judge"
	"dagster-ecs/internal/taskstop"
	"dagster-ecs/internal/wakeup"
)

// Finding is something that is wrong.
type Finding = judge.Finding

// Report is what a look found.
type Report struct {
	// Asleep says that the stack sleeps outside of its hours.
	Asleep bool
	// Looked is what was looked at.
	Looked []string
	// Findings are what is wrong.
	Findings []Finding
	// Unknown is what could not be looked at, and why.
	Unknown []error
}

// checks are what is looked at, in the order in which things depend on each other. Of a stack that sleeps outside of its hours
// those are left out that need it awake: it has no tasks, and its database is stopped.
var checks = []struct {
	name  string
	look  func(*examination, context.Context) ([]Finding, error)
	awake bool
}{
	{"keys", (*examination).usable, false},
	{"policies of the keys", (*examination).keyPolicies, false},
	{"bucket", (*examination).bucket, false},
	{"policy of the bucket", (*examination).bucketPolicy, false},
	{"database", (*examination).database, true},
	{"security groups of the database", (*examination).reach, false},
	{"schema", (*examination).schema, false},
	{"parameters", (*examination).parameters, false},
	{"images", (*examination).images, false},
	{"log groups", (*examination).logs, false},
	{"roles", (*examination).roles, false},
	{"quotas", (*examination).quotas, false},
	{"services", (*examination).services, true},
	{"runs", (*examination).tasks, false},
	{"targets", (*examination).targets, true},
	{"alarms", (*examination).alarms, true},
	{byWayIn, (*examination).wayIn, true},
}

// byWayIn is looked at where its near end is known.
const byWayIn = "way in"

// examination is one look at a stack.
type examination struct {
	Stack
	// near is the near end of the way in to the database; it may be empty.
	near string
	// workloads are what the services and runs are started from.
	workloads []workload
	// keys are the keys, with what each encrypts.
	keys map[string]string

	ecs        *ecs.Client
	stops      taskstop.Reader
	ssm        *ssm.Client
	ec2        *ec2.Client
	ecr        *ecr.Client
	iam        *iam.Client
	s3         *s3.Client
	kms        *kms.Client
	rds        *rds.Client
	log        *cloudwatchlogs.Client
	quota      *servicequotas.Client
	balancing  *elasticloadbalancingv2.Client
	cloudwatch *cloudwatch.Client
}

// Look looks at all of a stack. It fails where the stack's tasks are not known, without which nothing is. near is where a
// tunnel to the database begins on this machine, HOST:PORT; without it the way in is not looked at.
func Look(ctx context.Context, config aws.Config, stack Stack, near string) (Report, error) {
	e := &examination{
		Stack: stack, near: near, ecs: ecs.NewFromConfig(config), ssm: ssm.NewFromConfig(config), ec2: ec2.NewFromConfig(config),
		ecr: ecr.NewFromConfig(config), iam: iam.NewFromConfig(config), s3: s3.NewFromConfig(config), kms: kms.NewFromConfig(config),
		rds: rds.NewFromConfig(config), log: cloudwatchlogs.NewFromConfig(config), quota: servicequotas.NewFromConfig(config),
		balancing: elasticloadbalancingv2.NewFromConfig(config), cloudwatch: cloudwatch.NewFromConfig(config),
	}
	e.stops = taskstop.Reader{ECS: e.ecs, Logs: e.log}
	if err := e.readWorkloads(ctx); err != nil {
		return Report{}, err
	}
	asleep, err := wakeup.New(config, wakeup.ParametersIn(stack.Parameters)).Sleeps(ctx)
	if err != nil {
		return Report{}, err
	}
	report := Report{Asleep: asleep}
	for _, check := range checks {
		if check.name == byWayIn && near == "" || check.awake && asleep {
			continue
		}
		findings, err := check.look(e, ctx)
		report.Findings = append(report.Findings, findings...)
		if err != nil {
			report.Unknown = append(report.Unknown, fmt.Errorf("look at %s: %w", check.name, err))
			continue
		}
		report.Looked = append(report.Looked, check.name)
	}
	return report, nil
}
