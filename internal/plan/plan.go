// Package plan reads what an update would do from the engine's events, and tells it to people: a summary for a terminal and
// a comment for a pull request.
package plan

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Changes counts the operations of an update or preview by kind: create, update, delete, replace, same.
type Changes map[string]int

// None says whether everything stayed the same.
func (c Changes) None() bool {
	for op, n := range c {
		if op != string(apitype.OpSame) && n > 0 {
			return false
		}
	}
	return true
}

func (c Changes) String() string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(c)) {
		if c[op] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[op], op))
		}
	}
	return strings.Join(parts, ", ")
}

// planned are the operations that a person is told of, in the order of the summary; the engine's others are parts of a
// replacement.
var planned = []apitype.OpType{apitype.OpReplace, apitype.OpDelete, apitype.OpUpdate, apitype.OpCreate}

// Plan is what an update would do. The zero value is ready for use.
type Plan struct {
	// Changes counts the operations.
	Changes Changes
	// Console is what Pulumi printed.
	Console string

	steps    []apitype.StepEventMetadata
	parents  map[string]string
	settings apitype.StepEventMetadata
	problems []problem
}

// problem is a warning or an error of the engine, of a provider or of the program.
type problem struct{ severity, of, text string }

// longestEvent bounds a line of events: one has a resource's old and new inputs and outputs.
const longestEvent = 64 << 20

// Read reads the events that pulumi preview --event-log=FILE writes, one in JSON a line.
func Read(events io.Reader) (*Plan, error) {
	p := &Plan{}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, longestEvent)
	for n := 1; lines.Scan(); n++ {
		var event apitype.EngineEvent
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("decode event %d: %w", n, err)
		}
		p.Add(event)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the events: %w", err)
	}
	return p, nil
}

// Add takes one more of the engine's events.
func (p *Plan) Add(event apitype.EngineEvent) {
	switch {
	case event.ResourcePreEvent != nil:
		p.addStep(event.ResourcePreEvent.Metadata)
	case event.SummaryEvent != nil:
		p.Changes = Changes{}
		for op, n := range event.SummaryEvent.ResourceChanges {
			p.Changes[string(op)] = n
		}
	case event.DiagnosticEvent != nil:
		if d := event.DiagnosticEvent; d.Severity == "warning" || d.Severity == "error" {
			if text := Message(*d); text != "" {
				p.problems = append(p.problems, problem{d.Severity, d.URN, text})
			}
		}
	}
}

// colorTag is how the engine writes colors.
var colorTag = regexp.MustCompile(`<\{%[^%]*%\}>`)

// Message is what the engine says, without colors.
func Message(event apitype.DiagnosticEvent) string {
	return strings.TrimSpace(colorTag.ReplaceAllString(event.Message, ""))
}

func (p *Plan) addStep(m apitype.StepEventMetadata) {
	state := m.New
	if state == nil {
		state = m.Old
	}
	if p.parents == nil {
		p.parents = map[string]string{}
	}
	p.parents[m.URN] = state.Parent
	if state.Type == settingsType {
		p.settings = m
	}
	if state.Custom && slices.Contains(planned, m.Op) {
		p.steps = append(p.steps, m)
	}
}

// Digest tells two plans apart: what is done to which resource, with which inputs. Secrets are not in it, since the engine writes
// none into its events.
func (p *Plan) Digest() (string, error) {
	var lines []string
	for _, step := range p.steps {
		var inputs map[string]any
		if step.New != nil {
			inputs = step.New.Inputs
		}
		text, err := json.Marshal(inputs)
		if err != nil {
			return "", fmt.Errorf("write the inputs of %s: %w", step.URN, err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", step.Op, step.URN, text))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:digestBytes]), nil
}

// digestBytes is enough for a few plans that nobody forges.
const digestBytes = 8

// component names the outermost component of a resource, which is a child of the stack.
func (p *Plan) component(urn string) string {
	for {
		parent := p.parents[urn]
		if parent == "" || p.parents[parent] == "" {
			return logicalName(urn)
		}
		urn = parent
	}
}

// ShortName is the type's last part and the name of a URN.
func ShortName(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return urn
	}
	kind := parts[2]
	if i := strings.LastIndex(kind, ":"); i >= 0 {
		kind = kind[i+1:]
	}
	return kind + " " + logicalName(urn)
}

func logicalName(urn string) string {
	return urn[strings.LastIndex(urn, "::")+len("::"):]
}
