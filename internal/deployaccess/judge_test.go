package deployaccess_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/deployaccess"
)

// statement is one of a rendered policy.
type statement struct {
	Sid       string
	Action    []string
	Resource  []string
	Condition map[string]map[string]any
}

func statements(t *testing.T, policies ...deployaccess.Policy) (all []statement) {
	t.Helper()
	for _, policy := range policies {
		var document struct{ Statement []statement }
		if err := json.Unmarshal([]byte(policy.Document), &document); err != nil {
			t.Fatalf("%s: %v", policy.Name, err)
		}
		all = append(all, document.Statement...)
	}
	return all
}

// request is one question to IAM: this action, on this resource, with these keys of the context.
type request struct {
	action, resource string
	keys             map[string]string
}

// allowed judges as IAM does, for what the policies of this package use of it: Allow alone, and few operators. The
// emulator judges with the whole of it.
func allowed(t *testing.T, all []statement, asked request) bool {
	t.Helper()
	return slices.ContainsFunc(all, func(s statement) bool {
		return matches(s.Action, asked.action) && matches(s.Resource, asked.resource) && met(t, s.Condition, asked.keys)
	})
}

func matches(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(value)
	})
}

func met(t *testing.T, condition map[string]map[string]any, keys map[string]string) bool {
	t.Helper()
	for operator, wanted := range condition {
		for key, values := range wanted {
			value, there := keys[key]
			texts := texts(values)
			switch operator {
			case "StringEquals", "StringLike", "ArnEquals":
				if !there || !slices.Contains(texts, value) {
					return false
				}
			case "StringEqualsIfExists", "BoolIfExists":
				if there && !slices.Contains(texts, value) {
					return false
				}
			case "Null":
				if there == (texts[0] == "true") {
					return false
				}
			default:
				t.Fatalf("the operator %s is not judged here", operator)
			}
		}
	}
	return true
}

func texts(value any) (all []string) {
	list, ok := value.([]any)
	if !ok {
		return []string{fmt.Sprint(value)}
	}
	for _, each := range list {
		all = append(all, fmt.Sprint(each))
	}
	return all
}

// settings are those of the stack's file.
func settings(t *testing.T, stack string) config.Settings {
	t.Helper()
	read, err := config.ReadFile("../..", stack)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func access(t *testing.T, settings config.Settings) deployaccess.Access {
	t.Helper()
	all, err := deployaccess.For(settings)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
