package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// need is what a role has to be allowed.
type need struct{ role, action, resource string }

// needs are what the roles of the workloads have to be allowed first: what a task needs to start, and its place in the bucket.
// What IAM grants under conditions alone (the key through S3, tasks on the cluster) is not asked for.
func (e *examination) needs() (needs []need) {
	inBucket := map[string][][2]string{
		"web":    {{"s3:GetObject", "dagster/config"}, {"s3:GetObject", "dagster/compute-logs"}, {"s3:PutObject", "dagster/compute-logs"}},
		"daemon": {{"s3:GetObject", "dagster/config"}, {"s3:PutObject", "dagster/compute-logs"}},
		"runs":   {{"s3:PutObject", "dagster/compute-logs"}, {"s3:GetObject", "dagster/io"}, {"s3:PutObject", "dagster/io"}},
	}
	for _, each := range e.workloads {
		starts, acts := aws.ToString(each.definition.ExecutionRoleArn), aws.ToString(each.definition.TaskRoleArn)
		for _, parameter := range each.secrets() {
			needs = append(needs, need{starts, "ssm:GetParameters", parameter})
		}
		for _, group := range each.logGroups() {
			needs = append(needs, need{starts, "logs:PutLogEvents", e.arn("logs", "log-group:"+group+":log-stream:any")})
		}
		for _, place := range inBucket[each.kind] {
			needs = append(needs, need{acts, place[0], e.objects(place[1])})
		}
	}
	return needs
}

// roles asks IAM whether the roles are there and may do what they need, by their policies and boundaries.
func (e *examination) roles(ctx context.Context) (findings []Finding, err error) {
	gone := map[string]bool{}
	for _, each := range e.needs() {
		if gone[each.role] {
			continue
		}
		answer, err := e.iam.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &each.role, ActionNames: []string{each.action}, ResourceArns: []string{each.resource},
		})
		switch {
		case is(err, "NoSuchEntity"):
			gone[each.role] = true
			findings = append(findings, Finding{
				fmt.Sprintf("The role %s is not there: no task that takes it starts", each.role), err.Error(), again, "operations.md#recover",
			})
		case err != nil:
			return findings, err
		default:
			findings = append(findings, judgeSimulation(each, answer.EvaluationResults)...)
		}
	}
	return findings, nil
}

func judgeSimulation(of need, results []types.EvaluationResult) (findings []Finding) {
	for _, result := range results {
		if result.EvalDecision != types.PolicyEvaluationDecisionTypeAllowed {
			findings = append(findings, Finding{
				fmt.Sprintf("The role %s may not %s on %s", of.role, of.action, of.resource),
				fmt.Sprintf("IAM's simulation says %s", result.EvalDecision), again, "operations.md#access-denied",
			})
		}
	}
	return findings
}
