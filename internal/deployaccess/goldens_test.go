package deployaccess_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// resource is one of a golden plan.
type resource struct {
	Type   string
	Name   string
	Inputs map[string]any
}

func (r resource) text(input string) string {
	text, _ := r.Inputs[input].(string)
	return text
}

// plan is all that a stack makes (package stacks keeps it).
func plan(t *testing.T, stack string) (all []resource) {
	t.Helper()
	content, err := os.ReadFile("../../stacks/testdata/" + stack + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// made are the types that AWS judges by names: what makes one, and its ARN, with NAME for its name and ZONE for the
// region and the account.
var made = map[string]struct{ action, arn, input string }{
	"aws:appautoscaling/policy:Policy": {"application-autoscaling:PutScalingPolicy", "arn:aws:application-autoscaling:ZONE:scalable-target/1", "name"},
	"aws:cloudwatch/logGroup:LogGroup": {"logs:CreateLogGroup", "arn:aws:logs:ZONE:log-group:NAME", "name"},
	"aws:ecs/cluster:Cluster":          {"ecs:CreateCluster", "arn:aws:ecs:ZONE:cluster/NAME", "name"},
	"aws:iam/role:Role":                {"iam:CreateRole", "arn:aws:iam::111122223333:role/NAME", "name"},
	"aws:lb/loadBalancer:LoadBalancer": {"elasticloadbalancing:CreateLoadBalancer", "arn:aws:elasticloadbalancing:ZONE:loadbalancer/app/NAME/1", "name"},
	"aws:lb/targetGroup:TargetGroup":   {"elasticloadbalancing:CreateTargetGroup", "arn:aws:elasticloadbalancing:ZONE:targetgroup/NAME/1", "name"},
	"aws:rds/instance:Instance":        {"rds:CreateDBInstance", "arn:aws:rds:ZONE:db:NAME", "identifier"},
	"aws:rds/parameterGroup:ParameterGroup": {
		"rds:CreateDBParameterGroup", "arn:aws:rds:ZONE:pg:NAME", "name"},
	"aws:rds/subnetGroup:SubnetGroup":              {"rds:CreateDBSubnetGroup", "arn:aws:rds:ZONE:subgrp:NAME", "name"},
	"aws:s3/bucketObjectv2:BucketObjectv2":         {"s3:PutObject", "arn:aws:s3:::BUCKET/NAME", "key"},
	"aws:s3/bucketV2:BucketV2":                     {"s3:CreateBucket", "arn:aws:s3:::NAME", "bucket"},
	"aws:lambda/function:Function":                 {"lambda:CreateFunction", "arn:aws:lambda:ZONE:function:NAME", "name"},
	"aws:sns/topic:Topic":                          {"sns:CreateTopic", "arn:aws:sns:ZONE:NAME", "name"},
	"aws:cloudwatch/eventRule:EventRule":           {"events:PutRule", "arn:aws:events:ZONE:rule/NAME", "name"},
	"aws:scheduler/scheduleGroup:ScheduleGroup":    {"scheduler:CreateScheduleGroup", "arn:aws:scheduler:ZONE:schedule-group/NAME", "name"},
	"aws:cloudwatch/metricAlarm:MetricAlarm":       {"cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:ZONE:alarm:NAME", "name"},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {"cloudwatch:PutCompositeAlarm", "arn:aws:cloudwatch:ZONE:alarm:NAME", "alarmName"},
	"aws:cloudwatch/dashboard:Dashboard":           {"cloudwatch:PutDashboard", "arn:aws:cloudwatch::111122223333:dashboard/NAME", "dashboardName"},
	"aws:rds/eventSubscription:EventSubscription":  {"rds:CreateEventSubscription", "arn:aws:rds:ZONE:es:NAME", "name"},
	"aws:cloudtrail/trail:Trail":                   {"cloudtrail:CreateTrail", "arn:aws:cloudtrail:ZONE:trail/NAME", "name"},
	"aws:ssm/parameter:Parameter":                  {"ssm:PutParameter", "arn:aws:ssm:ZONE:parameterNAME", "name"},
	"aws:kms/alias:Alias":                          {"kms:CreateAlias", "arn:aws:kms:ZONE:NAME", "name"},
	"aws:ecs/taskDefinition:TaskDefinition":        {"ecs:TagResource", "arn:aws:ecs:ZONE:task-definition/NAME:1", "family"},
}

func TestTheDeployRoleMayMakeEverythingThatThePlansHaveByName(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		all := statements(t, access(t, settings(t, stack)).Deploy.Policies...)
		seen := map[string]bool{}
		for _, r := range plan(t, stack) {
			kind, known := made[r.Type]
			if !known {
				continue
			}
			seen[r.Type] = true
			region := "us-west-1"
			if strings.HasSuffix(r.text("name"), "-replica") {
				region = "us-west-2"
			}
			arn := strings.NewReplacer("ZONE", region+":111122223333", "NAME", r.text(kind.input), "BUCKET", r.text("bucket")).Replace(kind.arn)
			keys := map[string]string{boundary: r.text("permissionsBoundary")}
			if !allowed(t, all, request{kind.action, arn, keys}) {
				t.Errorf("%s: %s of %s on %s is not allowed", stack, kind.action, r.Name, arn)
			}
		}
		if stack == "prod" && len(seen) != len(made) {
			t.Errorf("the plan of prod has %d of the %d types", len(seen), len(made))
		}
	}
}

func TestTheBoundaryLetsEachRoleDoWhatItsPolicySays(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		all := statements(t, access(t, settings(t, stack)).Boundary)
		judged := 0
		for _, r := range plan(t, stack) {
			if r.Type != "aws:iam/rolePolicy:RolePolicy" {
				continue
			}
			for _, s := range ofRole(t, r) {
				keys := map[string]string{}
				for _, wanted := range s.Condition {
					for key, values := range wanted {
						keys[key] = texts(values)[0]
					}
				}
				for _, action := range s.Action {
					for _, arn := range s.Resource {
						judged++
						if asked := (request{action, strings.ReplaceAll(arn, "*", "1"), keys}); !allowed(t, all, asked) {
							t.Errorf("%s: the boundary does not let %s do %s on %s", stack, r.Name, action, arn)
						}
					}
				}
			}
		}
		if judged < 50 {
			t.Errorf("%s: only %d permissions were judged", stack, judged)
		}
	}
}

// ofRole are the statements of a role's policy in a plan.
func ofRole(t *testing.T, r resource) []statement {
	t.Helper()
	encoded, err := json.Marshal(r.Inputs["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Document struct{ Statement []statement } `json:"[json]"`
	}
	if err := json.Unmarshal(encoded, &policy); err != nil {
		t.Fatal(err)
	}
	return policy.Document.Statement
}

func TestEachRoleOfThePlansIsBounded(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		for _, r := range plan(t, stack) {
			if r.Type == "aws:iam/role:Role" && r.text("permissionsBoundary") != policy+stack+"-boundary" {
				t.Errorf("%s: %s is bounded by %q", stack, r.Name, r.text("permissionsBoundary"))
			}
		}
	}
}
