package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/rules"
)

// need is what a role has to be allowed.
type need struct {
	action, resource string
	// key and value are of the call's context, where the permission has a condition.
	key, value string
}

// needs are what the roles of the workloads have to be allowed by IAM: what a task needs to start, its place in the bucket,
// and for the daemon to start runs.
func (e *examination) needs() map[string][]need {
	inBucket := map[string][]need{
		"web":    {e.object("s3:GetObject", "config"), e.object("s3:GetObject", "compute-logs"), e.object("s3:PutObject", "compute-logs")},
		"daemon": {e.object("s3:GetObject", "config"), e.object("s3:PutObject", "compute-logs")},
		"runs":   {e.object("s3:PutObject", "compute-logs"), e.object("s3:GetObject", "io"), e.object("s3:PutObject", "io")},
	}
	needs := map[string][]need{}
	var toStart []need
	for _, each := range e.workloads {
		starts, acts := aws.ToString(each.definition.ExecutionRoleArn), aws.ToString(each.definition.TaskRoleArn)
		for _, parameter := range each.secrets() {
			needs[starts] = append(needs[starts], need{action: "ssm:GetParameters", resource: parameter})
		}
		for _, group := range each.logGroups() {
			stream := e.here().ARN("logs", "log-group:"+group+":log-stream:any")
			needs[starts] = append(needs[starts], need{action: "logs:PutLogEvents", resource: stream})
		}
		for _, image := range each.images() {
			if parts, private := rules.OfECR(image); private {
				registry := iamdoc.Scope{Partition: e.here().Partition, Account: parts.Account, Region: parts.Region}
				needs[starts] = append(needs[starts], need{action: "ecr:BatchGetImage", resource: registry.ARN("ecr", "repository/"+parts.Repository)})
			}
		}
		needs[acts] = append(needs[acts], inBucket[each.kind]...)
		if each.kind == "runs" {
			toStart = []need{{"ecs:RunTask", e.RunDefinition, "ecs:cluster", e.here().ARN("ecs", "cluster/"+e.Cluster)}}
			for _, role := range []string{starts, acts} {
				toStart = append(toStart, need{"iam:PassRole", role, "iam:PassedToService", "ecs-tasks.amazonaws.com"})
			}
		}
	}
	for _, each := range e.workloads {
		if each.kind == "daemon" {
			role := aws.ToString(each.definition.TaskRoleArn)
			needs[role] = append(needs[role], toStart...)
		}
	}
	return needs
}

func (e *examination) object(action, place string) need {
	return need{action: action, resource: e.here().BucketARN(e.Bucket + "/dagster/" + place + "/*")}
}

// roles asks IAM whether the roles are there and may do what they need, by their policies and boundaries.
func (e *examination) roles(ctx context.Context) (findings []Finding, err error) {
	needs := e.needs()
	for _, role := range sorted(needs) {
		var refused []string
		for _, each := range needs[role] {
			answer, err := e.iam.SimulatePrincipalPolicy(ctx, each.simulation(role))
			if is(err, "NoSuchEntity") {
				findings = append(findings, Finding{
					"The role " + role + " is not there: no task that takes it starts", "IAM does not know it", again, "operations.md#recover",
				})
				break
			}
			if err != nil {
				return findings, err
			}
			refused = append(refused, judgeSimulation(answer.EvaluationResults)...)
		}
		if len(refused) > 0 {
			findings = append(findings, Finding{
				"The role " + role + " may not do what its tasks need", strings.Join(refused, "; "), again, "operations.md#access-denied",
			})
		}
	}
	return findings, nil
}

func (n need) simulation(role string) *iam.SimulatePrincipalPolicyInput {
	asked := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &role, ActionNames: []string{n.action}, ResourceArns: []string{n.resource},
	}
	if n.key != "" {
		asked.ContextEntries = []types.ContextEntry{{
			ContextKeyName: &n.key, ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{n.value},
		}}
	}
	return asked
}

// judgeSimulation says what is refused, and how.
func judgeSimulation(results []types.EvaluationResult) (refused []string) {
	for _, result := range results {
		if result.EvalDecision != types.PolicyEvaluationDecisionTypeAllowed {
			refused = append(refused, fmt.Sprintf("%s on %s is %s", aws.ToString(result.EvalActionName), aws.ToString(result.EvalResourceName),
				result.EvalDecision))
		}
	}
	return refused
}
