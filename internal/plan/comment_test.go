package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/pulumitest"
)

const settingsURN = "urn:pulumi:dev::dagster::" + settingsType + "::settings"

// planOf is a plan of operations beside those on the components.
func planOf(steps ...apitype.StepEventMetadata) *Plan {
	found := &Plan{Changes: Changes{}}
	for _, m := range append([]apitype.StepEventMetadata{component(stackURN, ""), component(networkURN, stackURN)}, steps...) {
		found.Add(apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: m}})
		found.Changes[string(m.Op)]++
	}
	return found
}

// of gives the states of a step a type and the protection of the old one.
func of(m apitype.StepEventMetadata, kind string, protect bool) apitype.StepEventMetadata {
	for _, state := range []*apitype.StepEventStateMetadata{m.Old, m.New} {
		if state != nil {
			state.Type = kind
		}
	}
	if m.Old != nil {
		m.Old.Protect = protect
	}
	return m
}

func TestWhatHoldsDataAndGoesComesFirst(t *testing.T) {
	const database = "aws:rds/instance:Instance"
	from, to := map[string]any{"engine": "one"}, map[string]any{"engine": "two"}
	comment := planOf(
		step(apitype.OpCreate, networkURN, "aws:ec2/subnet:Subnet", "a", nil, map[string]any{}),
		of(step(apitype.OpReplace, networkURN, database, "database", from, to, "engine"), database, true),
		of(step(apitype.OpDelete, networkURN, "aws:kms/key:Key", "key", from, nil), "aws:kms/key:Key", false),
		of(step(apitype.OpDelete, networkURN, "aws:ec2/eip:Eip", "old", from, nil), "aws:ec2/eip:Eip", false),
		of(step(apitype.OpUpdate, networkURN, "aws:kms/key:Key", "kept", from, to, "engine"), "aws:kms/key:Key", true),
	).Comment("dev", CommentLimit)
	caution, rest, found := strings.Cut(comment, "<details")
	if !found || !strings.Contains(caution, `> [!CAUTION]
> What holds data would go:
> - replace **Instance database** of `+"`network`"+`: it is protected, so that the update is refused
> - delete **Key key** of `+"`network`"+`
`) {
		t.Errorf("the comment begins with\n%s", caution)
	}
	order := []string{"Replaced: 1", "`engine: \"one\" -> \"two\"`", "Deleted: 2", "Eip old", "Changed: 1", "Key kept", "Created: 1", "Subnet a"}
	at := 0
	for _, each := range order {
		i := strings.Index(rest[at:], each)
		if i < 0 {
			t.Fatalf("%q is not there after %q in\n%s", each, rest[:at], rest)
		}
		at += i
	}
	if strings.Contains(caution, "Eip") || strings.Contains(caution, "kept") {
		t.Errorf("what holds no data or stays is among the losses:\n%s", caution)
	}
}

func TestSettingsThatChangeAreToldWithWhatTheyDo(t *testing.T) {
	settings := apitype.StepEventMetadata{Op: apitype.OpUpdate, URN: settingsURN,
		Old: &apitype.StepEventStateMetadata{URN: settingsURN, Type: settingsType, Parent: stackURN, Inputs: map[string]any{
			"dagster:image": "a:1", "dagster:prefix": "data", "dagster:replicaRegion": "",
		}},
		New: &apitype.StepEventStateMetadata{URN: settingsURN, Type: settingsType, Parent: stackURN, Inputs: map[string]any{
			"dagster:image": "a|b:2", "dagster:prefix": "data", "dagster:replicaRegion": "us-west-2", "dagster:protect": "true",
		}},
	}
	comment := planOf(settings).Comment("dev", CommentLimit)
	want := "| `dagster:image` | `a:1` | `a\\|b:2` | new tasks |\n"
	if !strings.Contains(comment, want) || !strings.Contains(comment, "| `dagster:replicaRegion` | (empty) | `us-west-2` |") {
		t.Errorf("the comment has no %s:\n%s", want, comment)
	}
	if strings.Contains(comment, "dagster:prefix") || strings.Contains(comment, "dagster:protect") {
		t.Errorf("settings that stay, or that the last update did not know, are told:\n%s", comment)
	}
}

func TestWarningsAndErrorsAreToldWithTheirResource(t *testing.T) {
	found := planOf()
	for _, d := range []apitype.DiagnosticEvent{
		{Severity: "warning", Message: "<{%fg 3%}>one\ntwo<{%reset%}>", URN: networkURN},
		{Severity: "info", Message: "nothing"},
		{Severity: "error", Message: "failed"},
	} {
		found.Add(apitype.EngineEvent{DiagnosticEvent: &d})
	}
	found.Changes = Changes{"same": 1}
	comment := found.Comment("dev", CommentLimit)
	if want := "> [!WARNING]\n> - warning: **Network network**: one\n>   two\n> - error: failed\n"; !strings.Contains(comment, want) {
		t.Errorf("the comment is\n%s\nwant %s", comment, want)
	}
}

func TestACommentHasNoMoreThanGitHubTakesAndSaysWhatIsLeftOut(t *testing.T) {
	var steps []apitype.StepEventMetadata
	for i := range 400 {
		steps = append(steps, step(apitype.OpCreate, networkURN, "aws:ec2/subnet:Subnet", fmt.Sprintf("subnet-%d", i), nil, map[string]any{}))
	}
	const limit = 5000
	comment := planOf(steps...).Comment("dev", limit)
	if len(comment) > limit || !strings.Contains(comment, "more are left out here.") || !strings.HasSuffix(comment, "</details>\n") {
		t.Errorf("%d characters, ending in %s", len(comment), comment[max(0, len(comment)-200):])
	}
}

func TestAPlanWithoutChangesIsTwoLines(t *testing.T) {
	found := &Plan{Changes: Changes{"same": 141}}
	if got, want := found.Comment("dev", CommentLimit), "## Preview of `dev`: nothing changes\n\n141 same\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEventsAreReadLineByLine(t *testing.T) {
	var lines []string
	for _, event := range []apitype.EngineEvent{
		{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: step(apitype.OpCreate, stackURN, "aws:ec2/subnet:Subnet", "a", nil, map[string]any{})}},
		{SummaryEvent: &apitype.SummaryEvent{ResourceChanges: map[apitype.OpType]int{apitype.OpCreate: 1}}},
	} {
		line, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	found, err := Read(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil || found.Changes.String() != "1 create" || !strings.Contains(found.Summary(), "1 create") {
		t.Errorf("got %v, %v", found, err)
	}
	if _, err := Read(strings.NewReader(strings.Join(slices.Insert(lines, 1, "no JSON"), "\n"))); err == nil || !strings.Contains(err.Error(), "event 2") {
		t.Errorf("got %v", err)
	}
}

func TestARecordedPreviewIsToldAsItsGoldenComment(t *testing.T) {
	events, err := os.Open("testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	pulumitest.Golden(t, "comment.md", func() ([]byte, error) {
		if _, err := events.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		found, err := Read(events)
		if err != nil {
			return nil, err
		}
		return []byte(found.Comment("dev", CommentLimit)), nil
	})
}
