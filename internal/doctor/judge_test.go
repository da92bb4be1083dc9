package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	balancingtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// service is a healthy service but for what edit does.
func service(edit func(*types.Service)) types.Service {
	s := types.Service{
		ServiceName: aws.String("web"), Status: aws.String("ACTIVE"), DesiredCount: 1, RunningCount: 1,
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

func TestWhatIsWrongIsNamedWithItsSection(t *testing.T) {
	healthy := target(balancingtypes.TargetHealthStateEnumHealthy, "")
	sick := target(balancingtypes.TargetHealthStateEnumUnhealthy, balancingtypes.TargetHealthReasonEnumTimeout)
	goes := target(balancingtypes.TargetHealthStateEnumDraining, balancingtypes.TargetHealthReasonEnumDeregistrationInProgress)
	for _, c := range []struct {
		findings                []Finding
		what, evidence, section string
	}{
		{judgeService(service(func(s *types.Service) { s.Status = aws.String("INACTIVE") }), false), "web is INACTIVE", "steady", "recover"},
		{judgeService(service(func(s *types.Service) { s.DesiredCount = 0 }), false), "set to no tasks", "steady", "webserver-targets"},
		{judgeService(service(func(s *types.Service) { s.DesiredCount = 0 }), true), "set to no tasks", "steady", "daemon-heartbeats"},
		{judgeService(service(func(s *types.Service) { s.DesiredCount = 2 }), true), "set to 2 tasks", "steady", "daemon-doubled"},
		{judgeService(service(func(s *types.Service) { s.RunningCount = 0 }), false), "runs 0 of 1 tasks", "steady", "webserver-targets"},
		{judgeService(service(func(s *types.Service) {
			s.Deployments[0].RolloutState, s.Deployments[0].RolloutStateReason = types.DeploymentRolloutStateFailed, aws.String("circuit breaker")
		}), false), "deployment of web failed", "circuit breaker", "when-a-deployment-fails"},
		{judgeTargets("web", nil), "No webserver of web is healthy", "none is registered", "webserver-targets"},
		{judgeTargets("web", []balancingtypes.TargetHealthDescription{goes}), "No webserver", "draining", "webserver-targets"},
		{judgeTargets("web", []balancingtypes.TargetHealthDescription{healthy, sick}), "unhealthy", "Target.Timeout", "webserver-targets"},
		{judgeKey("the bucket", kmstypes.KeyMetadata{KeyId: aws.String("k"), KeyState: kmstypes.KeyStateDisabled}), "cannot be used", "Disabled", "accessdenied"},
		{judgeKey("the bucket", kmstypes.KeyMetadata{
			KeyId: aws.String("k"), KeyState: kmstypes.KeyStatePendingDeletion, DeletionDate: aws.Time(time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)),
		}), "going to be deleted", "2030-01-02", "accessdenied"},
		{judgeInstance(instance(func(i *rdstypes.DBInstance) { i.DBInstanceStatus = aws.String("stopped") })), "db is stopped", "status", "database-retries"},
		{judgeInstance(instance(func(i *rdstypes.DBInstance) { i.DBInstanceStatus = aws.String("storage-full") })), "storage-full", "status", "database-storage"},
		{judgeInstance(instance(func(i *rdstypes.DBInstance) {
			i.DBParameterGroups[0].ParameterApplyStatus = aws.String("pending-reboot")
		})),
			"does not work with its parameters", "pg is pending-reboot", "change-a-setting"},
		{[]Finding{judgeAlarm(cloudwatchtypes.MetricAlarm{
			AlarmName: aws.String("queue-depth"), StateReason: aws.String("crossed"),
			AlarmDescription: aws.String("More than 25 runs wait in the queue. What to do: docs/operations.md#queue-depth"),
		})}, "queue-depth fires: More than 25 runs wait in the queue", "crossed", "operations.md#queue-depth"},
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
		"service": judgeService(service(nil), true),
		"a second webserver": judgeService(service(func(s *types.Service) {
			s.DesiredCount, s.RunningCount = 2, 2
		}), false),
		"a deployment under way": judgeService(service(func(s *types.Service) {
			s.Deployments[0].RolloutState = types.DeploymentRolloutStateInProgress
		}), false),
		"targets": judgeTargets("web", []balancingtypes.TargetHealthDescription{
			target(balancingtypes.TargetHealthStateEnumHealthy, ""), target(balancingtypes.TargetHealthStateEnumInitial, ""),
		}),
		"key":       judgeKey("the bucket", kmstypes.KeyMetadata{KeyState: kmstypes.KeyStateEnabled}),
		"database":  judgeInstance(instance(nil)),
		"a back-up": judgeInstance(instance(func(i *rdstypes.DBInstance) { i.DBInstanceStatus = aws.String("backing-up") })),
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
	got := judgeSimulation([]iamtypes.EvaluationResult{
		decided(iamtypes.PolicyEvaluationDecisionTypeAllowed), decided(iamtypes.PolicyEvaluationDecisionTypeImplicitDeny),
		decided(iamtypes.PolicyEvaluationDecisionTypeExplicitDeny),
	})
	if want := []string{"ecs:RunTask on run:1 is implicitDeny", "ecs:RunTask on run:1 is explicitDeny"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOutputsOfNoStackAreRefused(t *testing.T) {
	const deployed = `{"clusterName": "c", "runTaskDefinitionArn": "arn:aws:ecs:us-west-1:111122223333:task-definition/run:3", "bucketName": "b"}`
	stack, err := Parse([]byte(deployed))
	if err != nil || stack.Region() != "us-west-1" {
		t.Errorf("got %+v, %v", stack, err)
	}
	if _, err := Parse([]byte(`{}`)); err == nil || !strings.Contains(err.Error(), "not deployed yet") {
		t.Errorf("got %v", err)
	}
}
