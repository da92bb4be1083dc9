package reach

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed needs.yaml
var data []byte

// need says what needs a rule, route or endpoint. needs.yaml says what its parts mean.
type need struct {
	Name       string
	Nat, HTTPS *bool
	Fails      []string
	Says       string
	Spare      string
	Sample     bool
}

// setup is what needs tell apart of stacks: whether there is a NAT gateway, and whether the UI is at HTTPS.
type setup struct{ nat, https bool }

// Needs are all that is known.
type Needs []need

// Load reads the needs, and refuses those that could not be held.
func Load() (needs Needs, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&needs); err != nil {
		return nil, fmt.Errorf("read what needs which rule: %w", err)
	}
	var problems []error
	for _, each := range needs {
		if (each.Spare == "") == (len(each.Fails) == 0) || (each.Says == "") != (len(each.Fails) == 0) {
			problems = append(problems, fmt.Errorf("%s: either fails and says, or spare has to be there", each.Name))
		}
		if _, err := path.Match(each.Name, ""); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", each.Name, err))
		}
	}
	return needs, errors.Join(problems...)
}

// of finds the one need that is about a door of such a stack.
func (n Needs) of(door string, stack setup) (need, error) {
	about := slices.DeleteFunc(slices.Clone(n), func(each need) bool { return !each.about(door, stack) })
	if len(about) != 1 {
		return need{}, fmt.Errorf("%s: needs.yaml says %d times what needs it, want once", door, len(about))
	}
	return about[0], nil
}

func (n need) about(door string, stack setup) bool {
	// A slash is in the names of rules about ranges, and path.Match takes it for something else.
	plain := strings.NewReplacer("/", "|")
	matches, _ := path.Match(plain.Replace(n.Name), plain.Replace(door))
	return matches && n.concerns(stack)
}

func (n need) concerns(stack setup) bool {
	return (n.Nat == nil || *n.Nat == stack.nat) && (n.HTTPS == nil || *n.HTTPS == stack.https)
}
