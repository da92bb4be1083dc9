package stacks_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
)

var typeToken = regexp.MustCompile("`([a-z]+:[a-zA-Z0-9]+/[a-zA-Z0-9]+:[a-zA-Z0-9]+)`")

func TestEveryTypeIsInTheTableOfWhoRefusesATakenName(t *testing.T) {
	text, err := os.ReadFile("../docs/decisions/0004-a-stack-takes-over-nothing.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, match := range typeToken.FindAllStringSubmatch(string(text), -1) {
		rows[match[1]]++
	}
	used := map[string]bool{}
	for _, stack := range names {
		for _, each := range record(t, stack).All() {
			if each.Custom && !strings.HasPrefix(each.Type, "pulumi:") {
				used[each.Type] = true
			}
		}
	}
	for token := range used {
		if rows[token] != 1 {
			t.Errorf("%s stands %d times in docs/decisions/0004, want once: who refuses a name of it that is taken?", token, rows[token])
		}
	}
	for token := range rows {
		if !used[token] {
			t.Errorf("docs/decisions/0004 speaks of %s, which no stack has", token)
		}
	}
}

// patterns are the ARN patterns of all policies that a stack gives its roles, with who has each, but "*" alone: that stands
// only where an API has no resource-level permission.
func patterns(t *testing.T, r *pulumitest.Recorder) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, each := range r.Of("aws:iam/rolePolicy:RolePolicy") {
		var policy awstest.Policy
		each.Document(t, "policy", &policy)
		for _, statement := range policy.Statement {
			if slices.Equal(statement.Action, []string{"logs:DescribeLogGroups"}) {
				continue // IAM judges it by all groups; it shows names only
			}
			for _, pattern := range statement.Resource {
				if pattern != "*" {
					found[pattern] = each.Name + ", " + statement.Sid
				}
			}
		}
	}
	return found
}

// arns are ARNs of what a stack has, by the names that it gives: of everything that its own or another's policy could
// speak of. Keys have ids and no names: no policy of another stack can hold one.
func arns(r *pulumitest.Recorder) []string {
	const here = "us-west-1:111122223333:"
	var all []string
	add := func(token, property string, forms ...string) {
		for _, each := range r.Of(token) {
			name, _ := each.Input(property).(string)
			for _, form := range forms {
				all = append(all, strings.ReplaceAll(form, "NAME", name))
			}
		}
	}
	add("aws:ecs/cluster:Cluster", "name", "arn:aws:ecs:"+here+"cluster/NAME", "arn:aws:ecs:"+here+"task/NAME/0123456789abcdef")
	add("aws:ecs/taskDefinition:TaskDefinition", "family", "arn:aws:ecs:"+here+"task-definition/NAME:7")
	add("aws:cloudwatch/logGroup:LogGroup", "name", "arn:aws:logs:"+here+"log-group:NAME", "arn:aws:logs:"+here+"log-group:NAME:log-stream:a/b/c")
	add("aws:s3/bucketV2:BucketV2", "bucket", "arn:aws:s3:::NAME", "arn:aws:s3:::NAME/dagster/config/dagster.yaml",
		"arn:aws:s3:::NAME/dagster/io/a", "arn:aws:s3:::NAME/dagster/compute-logs/a")
	add("aws:ssm/parameter:Parameter", "name", "arn:aws:ssm:"+here+"parameterNAME")
	for token, form := range map[string]string{
		"aws:cloudwatch/metricAlarm:MetricAlarm": "arn:aws:cloudwatch:" + here + "alarm:NAME",
		"aws:cloudwatch/eventRule:EventRule":     "arn:aws:events:" + here + "rule/NAME",
		"aws:lambda/function:Function":           "arn:aws:lambda:" + here + "function:NAME",
		"aws:sns/topic:Topic":                    "arn:aws:sns:" + here + "NAME",
	} {
		add(token, "name", form)
	}
	add("aws:iam/role:Role", "name", "arn:aws:iam::111122223333:role/NAME")
	return all
}

// covered are the ARNs that an IAM pattern covers: a star is any text, a slash included.
func covered(pattern string, arns []string) (found []string) {
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	whole := regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")
	for _, arn := range arns {
		if whole.MatchString(arn) {
			found = append(found, arn)
		}
	}
	return found
}

func TestNoRoleOfOneStackReachesWhatTheOtherHas(t *testing.T) {
	dev, prod := record(t, "dev"), record(t, "prod")
	for _, pair := range [][2]*pulumitest.Recorder{{dev, prod}, {prod, dev}} {
		others := arns(pair[1])
		for pattern, owner := range patterns(t, pair[0]) {
			for _, arn := range covered(pattern, others) {
				t.Errorf("%s reaches %s by %s", owner, arn, pattern)
			}
		}
	}
}

func TestPatternsOfAStackReachWhatItHasItself(t *testing.T) {
	r := record(t, "dev")
	own, reached := arns(r), map[string]bool{}
	for pattern := range patterns(t, r) {
		for _, arn := range covered(pattern, own) {
			reached[strings.Split(arn, ":")[2]] = true
		}
	}
	for _, service := range []string{"ecs", "logs", "s3", "ssm", "iam"} {
		if !reached[service] {
			t.Errorf("no pattern reaches anything of %s: the test of two stacks compares nothing", service)
		}
	}
}

func TestTwoStacksShareNoName(t *testing.T) {
	taken := map[string]bool{}
	for _, arn := range arns(record(t, "dev")) {
		taken[arn] = true
	}
	for _, arn := range arns(record(t, "prod")) {
		if taken[arn] {
			t.Errorf("both stacks have %s", arn)
		}
	}
}
