package judge

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	balancingtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// service is a healthy service but for what edit does.
func service(edit func(*types.Service)) types.Service {
	s := types.Service{
		ServiceName: aws.String("web"), Status: aws.String("ACTIVE"), DesiredCount: 1, RunningCount: 1, TaskDefinition: aws.String("web:7"),
		Deployments: []types.Deployment{{Status: aws.String("PRIMARY"), RolloutState: types.DeploymentRolloutStateCompleted}},
		Events:      []types.ServiceEvent{{Message: aws.String("has reached a steady state")}},
	}
	if edit != nil {
		edit(&s)
	}
	return s
}

func instance(edit func(*rdstypes.DBInstance)) rdstypes.DBInstance {
	i := rdstypes.DBInstance{
		DBInstanceIdentifier: aws.String("db"), DBInstanceStatus: aws.String("available"),
		DBParameterGroups: []rdstypes.DBParameterGroupStatus{{DBParameterGroupName: aws.String("pg"), ParameterApplyStatus: aws.String("in-sync")}},
	}
	if edit != nil {
		edit(&i)
	}
	return i
}

func target(state balancingtypes.TargetHealthStateEnum, reason balancingtypes.TargetHealthReasonEnum) balancingtypes.TargetHealthDescription {
	return balancingtypes.TargetHealthDescription{
		Target: &balancingtypes.TargetDescription{Id: aws.String("10.0.0.1")}, TargetHealth: &balancingtypes.TargetHealth{State: state, Reason: reason},
	}
}

func queue(state cloudwatchtypes.StateValue) cloudwatchtypes.MetricAlarm {
	return cloudwatchtypes.MetricAlarm{
		AlarmName: aws.String("queue-depth"), StateReason: aws.String("crossed"), StateValue: state, Threshold: aws.Float64(25),
		ComparisonOperator: cloudwatchtypes.ComparisonOperatorGreaterThanThreshold,
		AlarmDescription:   aws.String("More than 25 runs wait in the queue. What to do: docs/operations.md#queue-depth"),
	}
}

// ruled lets sg-w out to sg-d, and in, at port 5432: those of some of the two groups.
func ruled(of ...string) (some []ec2types.SecurityGroupRule) {
	for _, group := range of {
		other := "sg-w"
		if group == "sg-w" {
			other = "sg-d"
		}
		some = append(some, ec2types.SecurityGroupRule{
			GroupId: &group, IsEgress: aws.Bool(group == "sg-w"), IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432),
			ReferencedGroupInfo: &ec2types.ReferencedSecurityGroup{GroupId: &other},
		})
	}
	return some
}

func policed(t *testing.T, whose, text string, ofKey bool) []Finding {
	t.Helper()
	findings, err := Policy(whose, text, ofKey)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func TestWhatIsWrongIsNamedWithItsSection(t *testing.T) {
	healthy := target(balancingtypes.TargetHealthStateEnumHealthy, "")
	sick := target(balancingtypes.TargetHealthStateEnumUnhealthy, balancingtypes.TargetHealthReasonEnumTimeout)
	goes := target(balancingtypes.TargetHealthStateEnumDraining, balancingtypes.TargetHealthReasonEnumDeregistrationInProgress)
	for _, c := range []struct {
		findings                []Finding
		what, evidence, section string
	}{
		{Service(service(func(s *types.Service) { s.Status = aws.String("INACTIVE") }), false, 7), "web is INACTIVE", "steady", "recover"},
		{Service(service(func(s *types.Service) { s.DesiredCount = 0 }), false, 7), "set to no tasks", "steady", "webserver-targets"},
		{Service(service(func(s *types.Service) { s.DesiredCount = 0 }), true, 7), "set to no tasks", "steady", "daemon-heartbeats"},
		{Service(service(func(s *types.Service) { s.DesiredCount = 2 }), true, 7), "set to 2 tasks", "steady", "daemon-doubled"},
		{Service(service(func(s *types.Service) { s.RunningCount = 0 }), false, 7), "runs 0 of 1 tasks", "steady", "webserver-targets"},
		{Service(service(func(s *types.Service) {
			s.Deployments[0].RolloutState, s.Deployments[0].RolloutStateReason = types.DeploymentRolloutStateFailed, aws.String("circuit breaker")
		}), false, 7), "deployment of web fails", "circuit breaker", "when-a-deployment-fails"},
		{Service(service(func(s *types.Service) {
			s.Deployments[0].RolloutState, s.Deployments[0].FailedTasks = types.DeploymentRolloutStateInProgress, 1
		}), false, 7), "deployment of web fails", "IN_PROGRESS, 1 tasks failed", "when-a-deployment-fails"},
		{Service(service(nil), false, 8), "does not run its newest revision", "web:7, of which there is revision 8", "when-a-deployment-fails"},
		{Service(service(func(s *types.Service) {
			s.DeploymentConfiguration = &types.DeploymentConfiguration{MaximumPercent: aws.Int32(200)}
		}), true, 7), "runs two daemons at a time", "200", "daemon-doubled"},
		{Targets("web", nil), "No webserver of web is healthy", "none is registered", "webserver-targets"},
		{Targets("web", []balancingtypes.TargetHealthDescription{goes}), "No webserver", "draining", "webserver-targets"},
		{Targets("web", []balancingtypes.TargetHealthDescription{healthy, sick}), "unhealthy", "Target.Timeout", "webserver-targets"},
		{Key("the bucket", kmstypes.KeyMetadata{KeyId: aws.String("k"), KeyState: kmstypes.KeyStateDisabled}), "cannot be used", "Disabled", "accessdenied"},
		{Key("the bucket", kmstypes.KeyMetadata{
			KeyId: aws.String("k"), KeyState: kmstypes.KeyStatePendingDeletion, DeletionDate: aws.Time(time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)),
		}), "going to be deleted", "2030-01-02", "accessdenied"},
		{Instance(instance(func(i *rdstypes.DBInstance) { i.DBInstanceStatus = aws.String("stopped") })), "db is stopped", "status", "database-retries"},
		{Instance(instance(func(i *rdstypes.DBInstance) { i.DBInstanceStatus = aws.String("storage-full") })), "storage-full", "status", "database-storage"},
		{Instance(instance(func(i *rdstypes.DBInstance) {
			i.DBParameterGroups[0].ParameterApplyStatus = aws.String("pending-reboot")
		})),
			"does not work with its parameters", "pg is pending-reboot", "change-a-setting"},
		{Alarm(queue(cloudwatchtypes.StateValueAlarm), 0, false), "queue-depth fires: More than 25 runs wait in the queue", "crossed", "operations.md#queue-depth"},
		{Alarm(queue(cloudwatchtypes.StateValueOk), 26, true), "More than 25 runs wait in the queue. The alarm queue-depth does not fire yet", "was 26", "queue-depth"},
		{Quota("L-1", 6, 12.5), "too few vCPUs", "6 are allowed, the stack may take 12.5", "what-you-need"},
		{Migration("The schema is of revision 1, which this image's Dagster does not know. It stays as it is."), "later Dagster", "revision 1", "roll-back"},
		{Migration("There are data, and no snapshot of them is named: nothing was changed."), "earlier Dagster", "no snapshot", "when-a-migration-fails"},
		{Schema("run", []string{"a:2"}, []string{"a:1"}), "run has another image", "it runs a:2, migrated was a:1", "when-a-migration-fails"},
		{Reach("web", []string{"sg-w"}, "sg-d", 5432, ruled("sg-d")), "keep web from the database", "sg-w lets nobody out to sg-d, port 5432", "cannot-be-reached"},
		{Reach("web", []string{"sg-w"}, "sg-d", 5432, ruled("sg-w")), "keep web from the database", "sg-d lets sg-w not in", "cannot-be-reached"},
		{Reach("web", []string{"sg-w"}, "sg-d", 5433, ruled("sg-d", "sg-w")), "keep web from the database", "port 5433", "cannot-be-reached"},
		{Answer('N', nil), "does not answer", "'N'", "cannot-be-reached"},
		{Answer(0, errors.New("refused")), "does not answer", "refused", "cannot-be-reached"},
		{policed(t, "bucket", `{"Statement": [{"Sid": "TlsOnly", "Effect": "Deny"}, {"Sid": "Mine", "Effect": "Deny"}]}`, false), "not the program's", `"Mine"`, "accessdenied"},
		{policed(t, "key", `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "kms:Describe*"}]}`, true),
			"does not leave the decision to IAM", "kms:*", "accessdenied"},
	} {
		if len(c.findings) != 1 {
			t.Errorf("%s: found %+v", c.what, c.findings)
			continue
		}
		got := c.findings[0]
		if !strings.Contains(got.What, c.what) || !strings.Contains(got.Evidence, c.evidence) || !strings.HasSuffix(got.Section, c.section) || got.Do == "" {
			t.Errorf("%s: got %+v", c.what, got)
		}
	}
}

func TestNothingIsFoundWhereNothingIsWrong(t *testing.T) {
	for what, findings := range map[string][]Finding{
		"service": Service(service(nil), true, 7),
		"a second webserver": Service(service(func(s *types.Service) {
			s.DesiredCount, s.RunningCount = 2, 2
		}), false, 7),
		"a deployment under way": Service(service(func(s *types.Service) {
			s.Deployments[0].RolloutState = types.DeploymentRolloutStateInProgress
		}), false, 7),
		"an alarm":  Alarm(queue(cloudwatchtypes.StateValueOk), 25, true),
		"a quota":   Quota("L-1", 6, 6),
		"tables":    Migration("The schema is the one that this image's Dagster expects."),
		"an image":  Schema("run", []string{"a:1"}, []string{"a:1"}),
		"rules":     Reach("web", []string{"sg-w"}, "sg-d", 5432, ruled("sg-d", "sg-w")),
		"an answer": Answer('S', nil),
		"a policy":  policed(t, "key", `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "kms:*"}]}`, true),
		"targets": Targets("web", []balancingtypes.TargetHealthDescription{
			target(balancingtypes.TargetHealthStateEnumHealthy, ""), target(balancingtypes.TargetHealthStateEnumInitial, ""),
		}),
		"key":       Key("the bucket", kmstypes.KeyMetadata{KeyState: kmstypes.KeyStateEnabled}),
		"database":  Instance(instance(nil)),
		"a back-up": Instance(instance(func(i *rdstypes.DBInstance) { i.DBInstanceStatus = aws.String("backing-up") })),
	} {
		if len(findings) != 0 {
			t.Errorf("%s: found %+v", what, findings)
		}
	}
}

func TestWhatIAMRefusesIsTold(t *testing.T) {
	decided := func(decision iamtypes.PolicyEvaluationDecisionType) iamtypes.EvaluationResult {
		return iamtypes.EvaluationResult{EvalActionName: aws.String("ecs:RunTask"), EvalResourceName: aws.String("run:1"), EvalDecision: decision}
	}
	got := Simulation([]iamtypes.EvaluationResult{
		decided(iamtypes.PolicyEvaluationDecisionTypeAllowed), decided(iamtypes.PolicyEvaluationDecisionTypeImplicitDeny),
		decided(iamtypes.PolicyEvaluationDecisionTypeExplicitDeny),
	})
	if want := []string{"ecs:RunTask on run:1 is implicitDeny", "ecs:RunTask on run:1 is explicitDeny"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheWordsOfTheMigrationAreThoseOfItsScript(t *testing.T) {
	script, err := os.ReadFile("../../../components/migration/migrate.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{later, earlier} {
		if !strings.Contains(string(script), words) {
			t.Errorf("migrate.py does not say %q", words)
		}
	}
}

func TestTheDenialsOfTheProgramAreNotForeign(t *testing.T) {
	source, err := os.ReadFile("../../../components/internal/securebucket/securebucket.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, sid := range ownDenials {
		if !strings.Contains(string(source), `"`+sid+`"`) {
			t.Errorf("the program writes no statement %s", sid)
		}
	}
}
