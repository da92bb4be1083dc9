//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/sandbox/internal/account"
)

// deniedSession names the sessions in which something is tried that is to be refused.
const deniedSession = "denied"

// recordedActions are the actions that the roles of a stack use, one a line: a test of the policies holds them against it.
const recordedActions = "../../internal/deployaccess/testdata/recorded.txt"

// permission is what somebody was asked to be allowed.
type permission struct {
	Principal, Action, Resource string
	Allowed                     bool
}

// onlyWhatIsRecorded compares what the roles that deploy and preview did with what is written down.
func onlyWhatIsRecorded(c *cloud) {
	text, err := os.ReadFile(recordedActions)
	if err != nil {
		c.t.Fatal(err)
	}
	recorded := strings.Fields(string(text))
	for action := range nothingRefused(c) {
		if !slices.Contains(recorded, action) {
			c.t.Errorf("a role used %s, which is not in %s", action, recordedActions)
		}
	}
}

// nothingRefused fails for each permission that the roles which deploy and preview were refused, and gives the actions
// that they used.
func nothingRefused(c *cloud) map[string]bool {
	c.t.Helper()
	actions, asked := map[string]bool{}, 0
	for _, each := range permissions(c) {
		if !byARole(each.Principal, c.session.Stack) || each.Action == "sts:GetCallerIdentity" { // which nobody is refused
			continue
		}
		asked++
		actions[each.Action] = true
		if !each.Allowed {
			c.t.Errorf("%s was refused %s on %s", each.Principal, each.Action, each.Resource)
		}
	}
	if asked < 100 {
		c.t.Errorf("the roles of the stack %s were asked for %d permissions only", c.session.Stack, asked)
	}
	return actions
}

// byARole says whether a principal has taken one of the two roles, to do its work.
func byARole(principal, stack string) bool {
	deploys := strings.Contains(principal, "-"+stack+"-deploy/") || strings.Contains(principal, "-"+stack+"-preview/")
	return deploys && !strings.HasSuffix(principal, "/"+deniedSession)
}

func permissions(c *cloud) (all []permission) {
	c.t.Helper()
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := http.Get(e.Instance.Endpoint() + "/_sandbox/calls")
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&all); err != nil {
		c.t.Fatal(err)
	}
	return all
}

// deployDenials tries as the deploy role what would lead beyond its stack.
func deployDenials(c *cloud) {
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	base := "asset-manager-" + c.session.Stack
	as, err := account.As(c.t.Context(), env, "111122223333", deployaccess.Role{Name: base + "-deploy"}, deniedSession)
	if err != nil {
		c.t.Fatal(err)
	}
	config := account.Config(as)
	roles, buckets := iam.NewFromConfig(config), s3.NewFromConfig(config)
	trust := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}]}`
	everything := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`
	for what, try := range map[string]func(context.Context) error{
		"takes the boundary off a role": func(ctx context.Context) error {
			_, err := roles.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String(base + "-run-task")})
			return err
		},
		"makes a role without a boundary": func(ctx context.Context) error {
			_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(base + "-flow-logs"), AssumeRolePolicyDocument: &trust})
			return err
		},
		"gives itself everything": func(ctx context.Context) error {
			_, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
				RoleName: aws.String(base + "-deploy"), PolicyName: aws.String("all"), PolicyDocument: &everything,
			})
			return err
		},
		"widens the boundary": func(ctx context.Context) error {
			_, err := roles.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
				PolicyArn:      aws.String("arn:aws:iam::111122223333:policy/" + base + "-boundary"),
				PolicyDocument: &everything, SetAsDefault: true,
			})
			return err
		},
		"makes another stack's bucket": func(ctx context.Context) error {
			_, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("asset-manager-other-111122223333-us-west-1")})
			return err
		},
	} {
		if err := try(c.t.Context()); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			c.t.Errorf("the deploy role %s: %v", what, err)
		}
	}
}
