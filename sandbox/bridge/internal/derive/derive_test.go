package derive

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/sdk"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
)

const repository = "../../../.."

// provider answers the upstream provider's program: built from its module, or found in a mirror under /opt.
func provider(t *testing.T, name string) string {
	t.Helper()
	if name == "aws" {
		pattern := filepath.Join("/opt", "*", "registry.terraform.io", "hashicorp", "aws", "5.100.0",
			runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws*")
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			t.Skipf("no %s", pattern)
		}
		return found[0]
	}
	path := filepath.Join(t.TempDir(), "terraform-provider-"+name)
	build := exec.Command("go", "build", "-o", path, "github.com/terraform-providers/terraform-provider-"+name)
	build.Dir = filepath.Join(repository, "sandbox", "tools", name)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the upstream provider: %v\n%s", err, out)
	}
	return path
}

func open(t *testing.T, name string, table *tables.Table) (*bridge.Upstream, *sdk.SDK) {
	t.Helper()
	official, err := sdk.Open(name, repository)
	if err != nil {
		t.Fatal(err)
	}
	upstream, err := bridge.Start(t.Context(), name, provider(t, name), table)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := upstream.Close(); err != nil {
			t.Error(err)
		}
	})
	return upstream, official
}

// accepted says why a difference of the AWS provider does no harm.
func accepted(d Difference) bool {
	property := d.Path[strings.LastIndex(d.Path, " ")+1:]
	switch {
	case property == "tagsAll": // the SDK has no such input; the bridge alone computes it
		return strings.HasSuffix(d.Path, " input tagsAll")
	case strings.Contains(property, "Wo"): // write-only twins: pulumi-aws 6 leaves them out
		return slices.Contains([]string{"passwordWo", "passwordWoVersion", "valueWo", "valueWoVersion", "hasValueWo"}, property)
	}
	// an alias of dbName that the SDK calls deprecated; the bridge refuses it
	return d.Missing && strings.HasPrefix(d.Path, "aws:rds/instance:Instance ") && property == "name"
}

func differences(t *testing.T, upstream *bridge.Upstream, types []tables.Type, official *sdk.SDK) []Difference {
	t.Helper()
	spec, err := upstream.Schema()
	if err != nil {
		t.Fatal(err)
	}
	found, err := Differences(spec, types, official)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTheBridgeAndTheOfficialSDKSeeTheSameProperties(t *testing.T) {
	for _, name := range []string{"aws", "random", "postgresql"} {
		t.Run(name, func(t *testing.T) {
			table, err := tables.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			upstream, official := open(t, name, table)
			for _, d := range differences(t, upstream, table.Types, official) {
				older := name == "postgresql" && d.Missing // upstream 1.7.1, where the SDK is made of 1.26
				if !older && !(name == "aws" && accepted(d)) {
					t.Error(d)
				}
			}
			t.Run("with the table that cmd/derive writes", func(t *testing.T) {
				checkTable(t, name, upstream, table.Types, official)
			})
		})
	}
}

func checkTable(t *testing.T, name string, upstream *bridge.Upstream, types []tables.Type, official *sdk.SDK) {
	t.Helper()
	names, err := tables.AutoNames(name)
	if err != nil {
		t.Fatal(err)
	}
	derived, err := Table(types, names, upstream.Info.P, official)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(derived, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("..", "..", "tables", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("tables/%s.json is not what cmd/derive writes:\n%s", name, got)
	}
}

func TestWithoutTheTableTheComparisonFindsDifferences(t *testing.T) {
	types, err := tables.Types("aws")
	if err != nil {
		t.Fatal(err)
	}
	upstream, official := open(t, "aws", &tables.Table{Types: types})
	found := differences(t, upstream, types, official)
	want := map[string]bool{
		"aws:sns/topicSubscription:TopicSubscription input topicArn": false, // a name
		"aws:lb/targetGroup:TargetGroup input deregistrationDelay":   false, // a scalar
		"aws:s3/bucketV2:BucketV2 input logging":                     false, // a list
		"aws:cloudwatch/metricAlarm:MetricAlarm input alarmName":     false,
	}
	for _, d := range found {
		want[d.Path] = true
	}
	for path, seen := range want {
		if !seen {
			t.Errorf("no difference is found at %s", path)
		}
	}
}
