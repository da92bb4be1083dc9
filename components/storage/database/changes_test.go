package database

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	rdsapi "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/rules"
)

// familyDefaults are RDS's own values of what the program sets, by family; empty where PostgreSQL's own holds. Sources: RDS
// user guide, logging autovacuum, and SSL with PostgreSQL; AWS prescriptive guidance, tuning PostgreSQL parameters.
var familyDefaults = map[rules.PostgresVersion]map[string]string{
	rules.Postgres16: {
		"autovacuum_analyze_scale_factor": "0.05", "autovacuum_vacuum_scale_factor": "0.1",
		"log_autovacuum_min_duration": "10000", "log_lock_waits": "", "log_min_duration_statement": "", "rds.force_ssl": "1",
	},
	rules.Postgres17: {
		"autovacuum_analyze_scale_factor": "0.05", "autovacuum_vacuum_scale_factor": "0.1",
		"log_autovacuum_min_duration": "10000", "log_lock_waits": "", "log_min_duration_statement": "", "rds.force_ssl": "1",
	},
}

func TestParametersEqualToADefaultHaveTheMethodThatRdsAnswers(t *testing.T) {
	for _, version := range rules.PostgresVersion("").Allowed() {
		defaults := familyDefaults[rules.PostgresVersion(version)]
		for _, each := range parameters {
			value, known := defaults[each.name]
			if !known {
				t.Errorf("nobody knows the default of %s in family postgres%s", each.name, version)
			}
			if each.value == value && each.method != pendingReboot {
				t.Errorf("%s = %s is the default of postgres%s: RDS answers %s, not %s", each.name, value, version, pendingReboot, each.method)
			}
		}
	}
}

func TestAnotherMajorVersionIsMadeBesideTheOldOne(t *testing.T) {
	for _, version := range []rules.PostgresVersion{"16", "17"} {
		r := build(t, args(func(a *Args) { a.EngineVersion = version }))
		group := r.One(t, parameterType, "db-parameters")
		if name := group.Input("name"); name != "asset-manager-dev-postgres"+string(version) {
			t.Errorf("the group of version %s is named %v", version, name)
		}
		if !is(group.DeleteBeforeReplace, false) {
			t.Error("the old group is deleted while the instance uses it")
		}
		instance := r.One(t, instanceType, "db-instance")
		if instance.Input("allowMajorVersionUpgrade") != true || instance.Input("applyImmediately") != true {
			t.Errorf("version %s: an upgrade is refused, or waits while the old group is deleted", version)
		}
	}
}

func TestChangesOfTheInstanceAreChecked(t *testing.T) {
	r := build(t, args(protected))
	for token, name := range map[string]string{instanceType: "db-instance", "aws:rds/subnetGroup:SubnetGroup": "db-subnets"} {
		if hooks := r.One(t, token, name).Hooks["BeforeUpdate"]; len(hooks) != 1 || hooks[0] != name+"-change" {
			t.Errorf("%s is changed after the checks %v", name, hooks)
		}
	}
}

// inputs are those of an instance, as Pulumi's state has them.
func inputs(version string, size, most int) resource.PropertyMap {
	made := resource.PropertyMap{
		"engineVersion": resource.NewProperty(version), "allocatedStorage": resource.NewProperty(float64(size)),
	}
	if most > 0 {
		made["maxAllocatedStorage"] = resource.NewProperty(float64(most))
	}
	return made
}

func TestChangesThatRdsRefusesAreRefusedBefore(t *testing.T) {
	now := inputs("16", 50, 500)
	for name, change := range map[string]struct {
		after resource.PropertyMap
		disk  int
		want  string
	}{
		"nothing":                       {inputs("16", 50, 500), 0, ""},
		"newer version":                 {inputs("17", 50, 500), 0, ""},
		"older version":                 {inputs("15", 50, 500), 0, `database.engineVersion: "16" cannot become "15"`},
		"smaller disk":                  {inputs("16", 40, 500), 50, "database.storageGiB: 50 cannot become 40: a disk never shrinks"},
		"larger disk":                   {inputs("16", 55, 500), 50, ""},
		"a little larger disk":          {inputs("16", 54, 500), 50, "50 (no change) and 55 or more are allowed"},
		"less than the disk grew to":    {inputs("16", 60, 500), 80, "the disk has 80"},
		"what the disk grew to":         {inputs("16", 80, 500), 80, ""},
		"no growth":                     {inputs("16", 50, 0), 50, ""},
		"no growth of a grown disk":     {inputs("16", 50, 0), 80, "database.maxStorageGiB: 500 cannot become 0 while the disk, grown to 80"},
		"no growth beyond a grown disk": {inputs("16", 80, 0), 80, ""},
		"no growth of a larger disk":    {inputs("16", 100, 0), 80, ""},
		"lower limit":                   {inputs("16", 50, 100), 50, ""},
		"limit below what it grew to":   {inputs("16", 50, 100), 95, "database.maxStorageGiB: 500 cannot become 100: the disk has 95; 0 and 105"},
	} {
		err := refuseInstance(now, change.after, func() (int, error) { return change.disk, nil })
		if change.want == "" && err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
		if change.want != "" && (err == nil || !strings.Contains(err.Error(), change.want)) {
			t.Errorf("%s: got %v, want %s", name, err, change.want)
		}
	}
}

func TestTheDiskIsAskedForOnlyWhereItChanges(t *testing.T) {
	unknown := func() (int, error) { return 0, errors.New("no answer") }
	if err := refuseInstance(inputs("16", 50, 0), inputs("17", 50, 0), unknown); err != nil {
		t.Errorf("got %v", err)
	}
	if err := refuseInstance(inputs("16", 50, 0), inputs("16", 60, 0), unknown); err == nil || err.Error() != "no answer" {
		t.Errorf("got %v", err)
	}
}

// one answers for one instance.
type one struct {
	gib int32
	err error
}

func (o one) DescribeDBInstances(
	_ context.Context, input *rdsapi.DescribeDBInstancesInput, _ ...func(*rdsapi.Options),
) (*rdsapi.DescribeDBInstancesOutput, error) {
	if o.err != nil || aws.ToString(input.DBInstanceIdentifier) != "asset-manager-dev" {
		return &rdsapi.DescribeDBInstancesOutput{}, o.err
	}
	return &rdsapi.DescribeDBInstancesOutput{DBInstances: []types.DBInstance{{AllocatedStorage: &o.gib}}}, nil
}

func TestTheDiskIsThatOfRds(t *testing.T) {
	if got, err := diskGiB(t.Context(), one{gib: 80}, "asset-manager-dev"); got != 80 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := diskGiB(t.Context(), one{err: errors.New("refused")}, "asset-manager-dev"); err == nil || !strings.HasSuffix(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
	if _, err := diskGiB(t.Context(), one{}, "other"); err == nil || !strings.Contains(err.Error(), "RDS knows 0") {
		t.Errorf("got %v", err)
	}
}

func TestSubnetsAreAddedOnly(t *testing.T) {
	subnets := func(ids ...resource.PropertyValue) resource.PropertyMap {
		return resource.PropertyMap{"subnetIds": resource.NewProperty(ids)}
	}
	a, b, c := resource.NewProperty("subnet-a"), resource.NewProperty("subnet-b"), resource.NewProperty("subnet-c")
	unknown := resource.NewProperty(resource.Output{Element: resource.NewProperty("")})
	for name, change := range map[string]struct {
		after   resource.PropertyMap
		refused bool
	}{
		"added":            {subnets(a, b, c), false},
		"added, not there": {subnets(a, b, unknown), false},
		"taken away":       {subnets(a), true},
		"made anew":        {subnets(unknown, unknown), true},
		"all unknown":      {resource.PropertyMap{"subnetIds": unknown}, false},
	} {
		err := refuseSubnets(&pulumi.ResourceHookArgs{OldInputs: subnets(a, b), NewInputs: change.after})
		if refused := err != nil; refused != change.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
