package doctor

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"dagster-ecs/internal/doctor/judge"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/rules"
)

// need is what a role has to be allowed, in the context of the call where the permission has conditions.
type need struct {
	action, resource string
	context          map[string]string
}

// needs are what the roles of the workloads have to be allowed by IAM: what a task needs to start, its place in the bucket
// with the bucket's key, and for the daemon to start runs.
func (e *examination) needs() map[string][]need {
	inBucket := map[string][]need{
		web:    {e.object("s3:GetObject", "config"), e.object("s3:GetObject", "compute-logs"), e.object("s3:PutObject", "compute-logs")},
		daemon: {e.object("s3:GetObject", "config"), e.object("s3:PutObject", "compute-logs")},
		runs:   {e.object("s3:PutObject", "compute-logs"), e.object("s3:GetObject", "io"), e.object("s3:PutObject", "io")},
	}
	needs := map[string][]need{}
	for _, each := range e.workloads {
		starts, acts := aws.ToString(each.definition.ExecutionRoleArn), aws.ToString(each.definition.TaskRoleArn)
		needs[starts] = append(needs[starts], e.toStart(each)...)
		needs[acts] = append(needs[acts], inBucket[each.kind]...)
		needs[acts] = append(needs[acts], e.withKey(ofBucket, "s3", "kms:Decrypt", nil)...)
		if each.kind == runs {
			needs[acts] = append(needs[acts], e.withKey(ofBucket, "s3", "kms:GenerateDataKey", nil)...)
		}
	}
	if from, there := e.of(daemon); there {
		role := aws.ToString(from.definition.TaskRoleArn)
		needs[role] = append(needs[role], e.toLaunch()...)
	}
	return needs
}

// toStart is what ECS needs to start a task of a workload.
func (e *examination) toStart(w workload) (needs []need) {
	for _, parameter := range secrets(w) {
		needs = append(needs, need{action: "ssm:GetParameters", resource: parameter})
		needs = append(needs, e.withKey(ofParameters, "ssm", "kms:Decrypt", map[string]string{"kms:EncryptionContext:PARAMETER_ARN": parameter})...)
	}
	for _, group := range logGroups(w) {
		needs = append(needs, need{action: "logs:PutLogEvents", resource: e.here().ARN("logs", "log-group:"+group+":log-stream:any")})
	}
	for _, image := range images(w) {
		if parts, private := rules.OfECR(image); private {
			registry := iamdoc.Scope{Partition: e.here().Partition, Account: parts.Account, Region: parts.Region}
			needs = append(needs, need{action: "ecr:BatchGetImage", resource: registry.ARN("ecr", "repository/"+parts.Repository)})
		}
	}
	return needs
}

// toLaunch is what the daemon needs to start a run.
func (e *examination) toLaunch() []need {
	run, _ := e.of(runs)
	needs := []need{{"ecs:RunTask", e.RunDefinition, map[string]string{"ecs:cluster": e.here().ARN("ecs", "cluster/"+e.Cluster)}}}
	for _, role := range []*string{run.definition.ExecutionRoleArn, run.definition.TaskRoleArn} {
		needs = append(needs, need{"iam:PassRole", aws.ToString(role), map[string]string{"iam:PassedToService": "ecs-tasks.amazonaws.com"}})
	}
	return needs
}

func (e *examination) object(action, place string) need {
	return need{action: action, resource: e.here().BucketARN(e.Bucket + "/dagster/" + place + "/*")}
}

// withKey is what a role may do with the keys of something, by the service that encrypts it.
func (e *examination) withKey(whose, service, action string, also map[string]string) (needs []need) {
	for _, key := range sorted(e.keys) {
		if e.keys[key] == whose {
			given := map[string]string{"kms:ViaService": e.here().ServiceHost(service)}
			maps.Copy(given, also)
			needs = append(needs, need{action, key, given})
		}
	}
	return needs
}

// roles asks IAM whether the roles are there and may do what they need, by their policies and boundaries.
func (e *examination) roles(ctx context.Context) (findings []Finding, err error) {
	needs := e.needs()
	for _, role := range sorted(needs) {
		var refused []string
		for _, each := range needs[role] {
			answer, err := e.iam.SimulatePrincipalPolicy(ctx, each.simulation(role))
			if is(err, "NoSuchEntity") {
				findings = append(findings, judge.Found(
					"The role "+role+" is not there: no task that takes it starts", "IAM does not know it", judge.Again, "operations.md#recover",
				))
				break
			}
			if err != nil {
				return findings, err
			}
			refused = append(refused, judge.Simulation(answer.EvaluationResults)...)
		}
		if len(refused) > 0 {
			findings = append(findings, judge.Found(
				"The role "+role+" may not do what its tasks need", strings.Join(refused, "; "), judge.Again, "operations.md#access-denied",
			))
		}
	}
	return findings, nil
}

func (n need) simulation(role string) *iam.SimulatePrincipalPolicyInput {
	asked := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &role, ActionNames: []string{n.action}, ResourceArns: []string{n.resource},
	}
	for _, key := range sorted(n.context) {
		asked.ContextEntries = append(asked.ContextEntries, types.ContextEntry{
			ContextKeyName: &key, ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{n.context[key]},
		})
	}
	return asked
}
