package deployaccess_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/iamdoc"
)

func TestPoliciesOfTheLongestNamesFitIntoIAM(t *testing.T) {
	longest := settings(t, "prod")
	longest.Prefix, longest.Stack = strings.Repeat("p", 20), strings.Repeat("s", 20)
	longest.Region, longest.ReplicaRegion = "ap-southeast-1", "ap-southeast-2"
	longest.StackInNames, longest.Bucket.ForceDestroy, longest.Hours.Enabled = true, true, true
	longest.Bucket.Name, longest.Cluster.Name = strings.Repeat("b", 55), strings.Repeat("c", 64)
	all := access(t, longest)
	// IAM user guide, IAM and AWS STS quotas
	if count := len(all.Deploy.Policies); count > 10 {
		t.Errorf("the deploy role has %d policies", count)
	}
	for _, policy := range append(append(all.Deploy.Policies, all.Preview.Policies...), all.Boundary) {
		if size := len(policy.Document); size > 6144 {
			t.Errorf("%s has %d characters", policy.Name, size)
		}
	}
}

// anywhere are the statements about `*`, with the reason.
var anywhere = map[string]string{
	"ReadNetwork":     "Describe actions of EC2 have no resources",
	"ForgetAddress":   "an association that has ended is no resource",
	"NameEndpoints":   "the hosted zone of an endpoint belongs to AWS",
	"ReadDefinitions": "neither action has resources",
	"MakeDefinitions": "RegisterTaskDefinition has had resources since lately only",
	"ReadBalancing":   "Describe actions of both services have no resources",
	"ListLogGroups":   "a list is judged by all that there is",
	"ReadDatabases":   "a list is judged by all that there is",
	"ListParameters":  "DescribeParameters has no resources",
	"ListAliases":     "ListAliases has no resources",
	"MakeKeys":        "CreateKey has no resources",
	"WithoutNames":    "none of the actions has resources, or Lambda asks for all",
	"ReadAlarms":      "DescribeAlarms lists",
	"ReadQueries":     "both list",
	"ListTrails":      "DescribeTrails lists",
	"KeepQueries":     "queries have no resources",

	"ReadSubscriptions": "subscriptions are no type of resource",
	"KeepSubscriptions": "subscriptions are no type of resource",
}

func TestNoActionIsAWildcardAndEachResourceThatIsOneHasAReason(t *testing.T) {
	all := access(t, settings(t, "prod"))
	unused := map[string]bool{}
	for sid := range anywhere {
		unused[sid] = true
	}
	for _, s := range statements(t, append(append(all.Deploy.Policies, all.Preview.Policies...), all.Boundary)...) {
		for _, action := range s.Action {
			if strings.Contains(action, "*") {
				t.Errorf("%s allows %s", s.Sid, action)
			}
		}
		for _, resource := range s.Resource {
			if resource == "*" && anywhere[s.Sid] == "" {
				t.Errorf("%s is about everything, and nobody says why", s.Sid)
			}
		}
		delete(unused, s.Sid)
	}
	if len(unused) > 0 {
		t.Errorf("reasons for nothing: %v", unused)
	}
}

// tagged are the tags of a stack under a condition key.
func tagged(key, stack string) map[string]string {
	return map[string]string{key + "/Application": "asset-manager", key + "/Environment": stack}
}

func with(keys map[string]string, key, value string) map[string]string {
	keys[key] = value
	return keys
}

const (
	role     = "arn:aws:iam::111122223333:role/asset-manager-"
	policy   = "arn:aws:iam::111122223333:policy/asset-manager-"
	boundary = "iam:PermissionsBoundary"
)

func TestTheDeployRoleReachesNothingBeyondItsStackAndItsBoundary(t *testing.T) {
	dev := statements(t, access(t, settings(t, "dev")).Deploy.Policies...)
	own := map[string]string{boundary: policy + "dev-boundary"}
	resource := tagged("aws:ResourceTag", "prod")
	for _, c := range []struct {
		what  string
		asked request
		yes   bool
	}{
		{"makes a role within the boundary", request{"iam:CreateRole", role + "dev-web-task", own}, true},
		{"makes one without", request{"iam:CreateRole", role + "dev-web-task", nil}, false},
		{"makes one within another", request{"iam:CreateRole", role + "dev-web-task", map[string]string{boundary: policy + "prod-boundary"}}, false},
		{"gives a role of none more", request{"iam:PutRolePolicy", role + "dev-web-task", nil}, false},
		{"takes the boundary off", request{"iam:DeleteRolePermissionsBoundary", role + "dev-web-task", own}, false},
		{"puts another on", request{"iam:PutRolePermissionsBoundary", role + "dev-web-task",
			map[string]string{boundary: "arn:aws:iam::aws:policy/AdministratorAccess"}}, false},
		{"attaches a policy of AWS", request{"iam:AttachRolePolicy", role + "dev-web-task", own}, false},
		{"attaches administration to the monitoring role", request{"iam:AttachRolePolicy", role + "dev-database-monitoring",
			map[string]string{boundary: policy + "dev-boundary", "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}, false},
		{"changes its own policies", request{"iam:CreatePolicyVersion", policy + "dev-deploy-1", nil}, false},
		{"changes the boundary", request{"iam:CreatePolicyVersion", policy + "dev-boundary", nil}, false},
		{"gives itself a policy", request{"iam:PutRolePolicy", role + "dev-deploy", own}, false},
		{"attaches one to itself", request{"iam:AttachRolePolicy", role + "dev-deploy", own}, false},
		{"passes itself", request{"iam:PassRole", role + "dev-deploy", map[string]string{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}, false},
		{"changes whom itself trusts", request{"iam:UpdateAssumeRolePolicy", role + "dev-deploy", own}, false},
		{"passes a task's role to a function", request{"iam:PassRole", role + "dev-web-task", map[string]string{"iam:PassedToService": "lambda.amazonaws.com"}}, false},
		{"touches a role of prod", request{"iam:DeleteRole", role + "prod-web-task", own}, false},
		{"empties the bucket of prod", request{"s3:DeleteObject", "arn:aws:s3:::asset-manager-prod-111122223333-us-west-1/a", nil}, false},
		{"reads a password of prod", request{"ssm:GetParameter", "arn:aws:ssm:us-west-1:111122223333:parameter/asset-manager/prod/DAGSTER_PG_PASSWORD", nil}, false},
		{"deletes the database of prod", request{"rds:DeleteDBInstance", "arn:aws:rds:us-west-1:111122223333:db:asset-manager-prod", nil}, false},
		{"deletes a key of prod", request{"kms:ScheduleKeyDeletion", "arn:aws:kms:us-west-1:111122223333:key/1", resource}, false},
		{"uses a key of prod", request{"kms:Decrypt", "arn:aws:kms:us-west-1:111122223333:key/1",
			with(tagged("aws:ResourceTag", "prod"), "kms:ViaService", "s3.us-west-1.amazonaws.com")}, false},
		{"deletes a key of nobody", request{"kms:ScheduleKeyDeletion", "arn:aws:kms:us-west-1:111122223333:key/1", nil}, false},
		{"opens a group of prod", request{"ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:us-west-1:111122223333:security-group/sg-1", resource}, false},
		{"opens a group of its own", request{"ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:us-west-1:111122223333:security-group/sg-1",
			tagged("aws:ResourceTag", "dev")}, true},
		{"takes a group of prod over", request{"ec2:CreateTags", "arn:aws:ec2:us-west-1:111122223333:security-group/sg-1",
			with(with(tagged("aws:RequestTag", "dev"), "aws:ResourceTag/Environment", "prod"), "aws:ResourceTag/Application", "asset-manager")}, false},
		{"makes a subnet in the VPC of prod", request{"ec2:CreateSubnet", "arn:aws:ec2:us-west-1:111122223333:vpc/vpc-1", resource}, false},
		{"stops a task of prod", request{"ecs:StopTask", "arn:aws:ecs:us-west-1:111122223333:task/fulcrum-cluster/1",
			map[string]string{"ecs:cluster": "arn:aws:ecs:us-west-1:111122223333:cluster/fulcrum-cluster"}}, false},
		{"opens a session in a task of prod", request{"ssm:StartSession", "arn:aws:ecs:us-west-1:111122223333:task/fulcrum-cluster/1", nil}, false},
		{"starts a task of prod", request{"ecs:RunTask", "arn:aws:ecs:us-west-1:111122223333:task-definition/asset-manager-run:1", nil}, false},
	} {
		if got := allowed(t, dev, c.asked); got != c.yes {
			t.Errorf("the deploy role of dev %s: %t", c.what, got)
		}
	}
}

func TestAStackReachesNoneWhoseNameBeginsWithItsOwn(t *testing.T) {
	short := statements(t, access(t, settings(t, "prod")).Deploy.Policies...)
	other := settings(t, "prod")
	other.Stack, other.StackInNames = "prod-eu", true
	for _, s := range statements(t, access(t, other).Deploy.Policies...) {
		if !strings.HasPrefix(s.Sid, "Keep") {
			continue
		}
		for _, resource := range s.Resource {
			named := strings.Contains(resource, "prod-eu")
			if named && allowed(t, short, request{s.Action[0], strings.ReplaceAll(resource, "*", "1"), map[string]string{}}) {
				t.Errorf("prod may do %s on %s", s.Action[0], resource)
			}
		}
	}
}

func TestThePreviewRoleChangesNothing(t *testing.T) {
	for _, s := range statements(t, access(t, settings(t, "prod")).Preview.Policies...) {
		for _, action := range s.Action {
			_, name, _ := strings.Cut(action, ":")
			if !strings.HasPrefix(name, "Describe") && !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "List") && action != "kms:Decrypt" {
				t.Errorf("%s allows %s", s.Sid, action)
			}
		}
	}
}

func TestNoRoleDeploysWithoutABoundary(t *testing.T) {
	without := settings(t, "dev")
	without.IAM.PermissionsBoundary = ""
	_, err := deployaccess.For(without)
	want := "dagster:iam.permissionsBoundary: is required for a role that deploys; asset-manager-dev-boundary is a name for it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestTheBoundaryLetsTheFunctionOfTheHoursDoItsWork(t *testing.T) {
	sleeping := settings(t, "dev")
	sleeping.Hours.Enabled = true
	all := statements(t, access(t, sleeping).Boundary)
	const here = "arn:aws:ecs:us-west-1:111122223333:"
	for _, statement := range grants.Hours(iamdoc.Scope{Partition: "aws", Region: "us-west-1", Account: "111122223333"}, grants.Sleeping{
		Cluster: "fulcrum-cluster-dev", Services: []string{"asset-manager-dev-web", "asset-manager-dev-daemon"}, Database: "asset-manager-dev",
		Memory: "/asset-manager/dev/hours/memory", Until: "/asset-manager/dev/hours/awake-until",
		LogGroupArn: pulumi.String("arn:aws:logs:us-west-1:111122223333:log-group:asset-manager-dev/hours"),
	}) {
		for _, action := range statement.Action {
			for _, resource := range statement.Resource {
				arn, known := resource.(string)
				keys := map[string]string{"ecs:cluster": here + "cluster/fulcrum-cluster-dev"}
				if known && !allowed(t, all, request{action, strings.ReplaceAll(arn, "*", "1"), keys}) {
					t.Errorf("%s on %s is not within the boundary", action, arn)
				}
			}
		}
	}
	if allowed(t, all, request{"ecs:UpdateService", here + "service/fulcrum-cluster-dev/other", nil}) {
		t.Error("any service is within the boundary")
	}
}
