//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
)

// refusedChanges are changes of the own stack's file that a deployed stack does not bear, with what is said of each.
var refusedChanges = []struct {
	from, to string
	wants    []string
}{
	{
		"prefix: own-data\n", "prefix: other-data\n  dagster:bucket:\n    name: other-data\n",
		[]string{`dagster:prefix: "own-data" cannot become "other-data"`, "dagster:bucket.name: "},
	},
	{"storageGiB: 30\n", "storageGiB: 20\n", []string{"database.storageGiB: 30 cannot become 20: a disk never shrinks"}},
	{"zones: 3\n", "zones: 2\n", []string{"the database's subnet subnet-"}},
}

// refused previews the changes, which touch nothing.
func refused(o own) {
	file := filepath.Join(o.session.Repo, "Pulumi.own.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, change := range refusedChanges {
		edit(o.t, file, func(text string) string { return strings.Replace(text, change.from, change.to, 1) })
		_, err := o.session.Preview(o.t.Context(), commands.Summary)
		for _, want := range change.wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				o.t.Errorf("%q is missing in %v", want, err)
			}
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			o.t.Fatal(err)
		}
	}
}

// livingChanges are changes of the own stack's file that a deployed stack bears, all at once.
var livingChanges = strings.NewReplacer(
	`engineVersion: "16"`, `engineVersion: "17"`,
	"instanceClass: db.t4g.small", "instanceClass: db.t4g.medium",
	"storageGiB: 30", "storageGiB: 40\n    rotation: 2",
	"cpu: 512", "cpu: 1024",
)

// changed upgrades PostgreSQL and changes what else interrupts or starts anew, with a run that must outlive it.
func changed(o own) {
	before := o.launch("run_count_job")
	o.follow(before, runWithin, dagster.Success)
	edit(o.t, filepath.Join(o.session.Repo, "Pulumi.own.yaml"), livingChanges.Replace)
	if _, err := o.session.Up(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	if status, err := o.dagster.Status(o.t.Context(), before); err != nil || status != dagster.Success {
		o.t.Errorf("the run of before the upgrade is %q, %v", status, err)
	}
	o.follow(o.launch("run_count_job"), runWithin, dagster.Success)
	instance, groups := databaseOf(o)
	if version, class := aws.ToString(instance.EngineVersion), aws.ToString(instance.DBInstanceClass); !strings.HasPrefix(version, "17.") || class != "db.t4g.medium" {
		o.t.Errorf("the database is PostgreSQL %s on %s", version, class)
	}
	if !slices.Equal(groups, []string{"own-data-own-postgres17"}) {
		o.t.Errorf("the parameter groups are %v", groups)
	}
	if changes, err := o.session.Preview(o.t.Context(), commands.Summary); err != nil || !changes.None() {
		o.t.Errorf("a preview after it shows %s, %v", changes, err)
	}
}

// databaseOf gives the database as RDS knows it, and the names of the parameter groups.
func databaseOf(o own) (types.DBInstance, []string) {
	env, err := o.session.Environment(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	api := rds.NewFromConfig(account.Config(env))
	instances, err := api.DescribeDBInstances(o.t.Context(), &rds.DescribeDBInstancesInput{})
	if err != nil || len(instances.DBInstances) != 1 {
		o.t.Fatalf("the databases are %v, %v", instances, err)
	}
	found, err := api.DescribeDBParameterGroups(o.t.Context(), &rds.DescribeDBParameterGroupsInput{})
	if err != nil {
		o.t.Fatal(err)
	}
	var groups []string
	for _, group := range found.DBParameterGroups {
		groups = append(groups, aws.ToString(group.DBParameterGroupName))
	}
	return instances.DBInstances[0], groups
}
