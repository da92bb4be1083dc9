package outputs

import (
	"errors"
	"os"
	"strings"
	"testing"

	"dagster-ecs/internal/pulumitest"
)

// whole are outputs as a stack reference gives them.
func whole() map[string]any {
	values := map[string]any{}
	for _, each := range fields {
		switch each.kind {
		case "number":
			values[each.name] = float64(1)
		case "list":
			values[each.name] = []any{"subnet-a"}
		case "map":
			values[each.name] = map[string]any{}
		default:
			values[each.name] = each.name
		}
	}
	return values
}

func from(values map[string]any) func(string) (any, error) {
	return func(name string) (any, error) { return values[name], nil }
}

func TestTheOutputsAreRead(t *testing.T) {
	values := whole()
	values["logGroups"] = map[string]any{"runs": "asset-manager/runs"}
	delete(values, "replicaBucketName")
	found, err := decode("prod", from(values))
	if err != nil {
		t.Fatal(err)
	}
	if found.URL != "url" || found.LogGroups["runs"] != "asset-manager/runs" || found.PrivateSubnetIDs[0] != "subnet-a" ||
		found.DatabaseLocalPort != 1 || found.ReplicaBucketName != "" {
		t.Errorf("read %+v", found)
	}
}

func TestWhatIsMissingOrOfAnotherTypeIsToldAllAtOnce(t *testing.T) {
	values := whole()
	delete(values, "bucketName")
	values["privateSubnetIds"] = "subnet-a"
	_, err := decode("prod", from(values))
	for _, want := range []string{"stack prod", "bucketName: is missing", `privateSubnetIds: is "subnet-a"; list is wanted`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
	if _, err := decode("prod", func(string) (any, error) { return nil, errors.New("no access") }); err == nil || !strings.Contains(err.Error(), "no access") {
		t.Errorf("got %v", err)
	}
}

func TestAnotherVersionIsRefused(t *testing.T) {
	values := whole()
	values["outputsVersion"] = float64(2)
	if _, err := decode("prod", from(values)); err == nil || !strings.Contains(err.Error(), "version 2; version 1 is read here") {
		t.Errorf("got %v", err)
	}
}

// Other teams' stacks stand on these lines.
func TestWhatIsGivenStays(t *testing.T) {
	now := map[string]bool{}
	var lines []string
	for _, each := range fields {
		now[each.String()] = true
		lines = append(lines, each.String())
	}
	text, err := os.ReadFile("testdata/contract.txt")
	if err == nil {
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			if !now[line] {
				t.Errorf("the output %q is gone or has another type: raise Version, and tell other teams in CHANGELOG.md", line)
			}
		}
	}
	pulumitest.Golden(t, "contract.txt", func() ([]byte, error) { return []byte(strings.Join(lines, "\n") + "\n"), nil })
}

func TestTheDocumentNamesEachOutputWithItsType(t *testing.T) {
	text, err := os.ReadFile("../docs/outputs.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range fields {
		if !strings.Contains(string(text), "| `"+each.name+"` | "+each.kind+" |") {
			t.Errorf("docs/outputs.md has no row of the output %s, which is a %s", each.name, each.kind)
		}
	}
}
