//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"dagster-ecs/internal/doctor"
	"dagster-ecs/sandbox/internal/account"
)

// fault is something that somebody does to a stack by hand, and its cure, as lines of a shell.
type fault struct {
	name, do, cure string
	// found begins one of the doctor's findings.
	found string
}

// sample are faults that take no time; make doctor-drill knows more.
var sample = []fault{
	{
		name: "a parameter is deleted",
		do: `aws ssm get-parameter --name /asset-manager/dev/DAGSTER_PG_USER --with-decryption --query Parameter.Value --output text > user
			aws ssm delete-parameter --name /asset-manager/dev/DAGSTER_PG_USER`,
		cure: `aws ssm put-parameter --name /asset-manager/dev/DAGSTER_PG_USER --type SecureString --key-id alias/asset-manager-dev-secrets \
			--value "$(cat user)"`,
		found: "The parameter /asset-manager/dev/DAGSTER_PG_USER is not there",
	},
	{
		name:  "the bucket's key is disabled",
		do:    `aws kms disable-key --key-id "$(key data)"`,
		cure:  `aws kms enable-key --key-id "$(key data)"`,
		found: "The key of the bucket cannot be used",
	},
	{
		name:  "the run's role loses its policy",
		do:    `take asset-manager-dev-run-task`,
		cure:  `give asset-manager-dev-run-task`,
		found: "The role arn:aws:iam::111122223333:role/asset-manager-dev-run-task may not do",
	},
	{
		name:  "the daemon's count is set to none",
		do:    `count daemon 0`,
		cure:  `count daemon 1`,
		found: "The service asset-manager-dev-daemon is set to no tasks",
	},
}

// words are what faults are made of.
const words = `
key() { aws kms describe-key --key-id "alias/asset-manager-dev-$1" --query KeyMetadata.KeyId --output text; }
count() { aws ecs update-service --cluster fulcrum-cluster-dev --service "asset-manager-dev-$1" --desired-count "$2" --query service.status; }
take() {
	aws iam list-role-policies --role-name "$1" --query 'PolicyNames[0]' --output text > name
	aws iam get-role-policy --role-name "$1" --policy-name "$(cat name)" --query PolicyDocument --output json > policy
	aws iam delete-role-policy --role-name "$1" --policy-name "$(cat name)"
}
give() { aws iam put-role-policy --role-name "$1" --policy-name "$(cat name)" --policy-document file://policy; }
`

// diagnosed has the doctor look at a healthy stack, then at each fault of the sample.
func diagnosed(c *cloud) {
	p := c.patient()
	// Alarms go off until the monitor has looked for the first time.
	eventually(c.t, 5*time.Minute, p.healthy)
	for _, each := range sample {
		p.suffers(each, true)
	}
	eventually(c.t, 5*time.Minute, p.healed)
}

// patient is a stack at which the doctor looks.
type patient struct {
	*cloud
	terminal
	config aws.Config
	near   string
}

func (c *cloud) patient() patient {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	t := c.terminal()
	t.exports += words
	return patient{c, t, account.Config(env), env["PGHOST"] + ":" + env["PGPORT"]}
}

// suffers has the doctor look until it names a fault, and then mends it where it is to be mended.
func (p patient) suffers(from fault, mended bool) {
	p.t.Helper()
	began := time.Now()
	if _, err := p.paste(p.cloud, from.do); err != nil {
		p.t.Errorf("%s: %v", from.name, err)
		return
	}
	eventually(p.t, 3*time.Minute, func(context.Context) error {
		found := p.findings()
		if !slices.ContainsFunc(found, func(f doctor.Finding) bool { return strings.HasPrefix(f.What, from.found) }) {
			return fmt.Errorf("%s: the doctor says %+v", from.name, found)
		}
		return nil
	})
	p.t.Logf("%s: named after %s", from.name, time.Since(began).Round(time.Second))
	if !mended {
		return
	}
	if _, err := p.paste(p.cloud, from.cure); err != nil {
		p.t.Fatalf("%s: cure it: %v", from.name, err)
	}
}

func (p patient) healthy(context.Context) error {
	if found := p.findings(); len(found) > 0 {
		return fmt.Errorf("with a healthy stack something is wrong: %+v", found)
	}
	return nil
}

// healed says that nothing is wrong but alarms: CloudWatch looks back for up to an hour where a metric has few values.
func (p patient) healed(context.Context) error {
	found := slices.DeleteFunc(p.findings(), func(f doctor.Finding) bool { return strings.HasPrefix(f.What, "The alarm ") })
	if len(found) > 0 {
		return fmt.Errorf("when all is mended something is wrong: %+v", found)
	}
	return nil
}

func (p patient) findings() []doctor.Finding {
	p.t.Helper()
	text, err := json.Marshal(p.outputs())
	if err != nil {
		p.t.Fatal(err)
	}
	stack, err := doctor.Parse(text)
	if err != nil {
		p.t.Fatal(err)
	}
	report, err := doctor.Look(p.t.Context(), p.config, stack, p.near)
	if err := errors.Join(append(report.Unknown, err)...); err != nil {
		p.t.Fatalf("not all could be looked at: %v", err)
	}
	return report.Findings
}
