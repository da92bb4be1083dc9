// Package iamdoc writes IAM policy documents from typed statements.
//
// It owns the form of every policy of the program: each statement has a Sid that says what it is for, actions are sorted,
// the order of the statements is the order in the code, and values that exist only after a resource was created (ARNs)
// stand in the document as Outputs. It refuses what no workload here may have: `*` or a whole service as an allowed
// action of an identity policy, an Allow for everybody without a condition, a missing or doubled Sid.
package iamdoc

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// version is the only policy language version in which variables and all condition operators work.
const version = "2012-10-17"

// Effect says whether a statement allows or denies.
type Effect string

// The two effects that IAM knows.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// sidForm is what IAM accepts as a Sid in an identity policy, which is narrower than in resource policies.
var sidForm = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// actionForm is service:Action, with wildcards allowed in the action's name.
var actionForm = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9*]+$`)

// Condition maps an operator (StringEquals) to condition keys and their values. A value is a string, a list of strings,
// or an Output of either. Empty means no condition.
type Condition map[string]map[string]any

// Principal maps the kind of a principal (AWS, Service) to its identifiers. Use Service, Account or Everyone to make one.
// Nil means that the document is an identity policy.
type Principal map[string][]any

// Statement is one statement of a policy.
type Statement struct {
	// Sid says what the statement is for: letters and digits, required, unique in its document.
	Sid string `json:"Sid"`
	// Effect is Allow when empty.
	Effect Effect `json:"Effect"`
	// Principal is who the statement is about; only in trust policies and resource policies.
	Principal Principal `json:"Principal,omitempty"`
	// Action lists API actions as service:Name; required, sorted when written.
	Action []string `json:"Action"`
	// Resource lists ARNs: strings or Outputs. Empty only in trust policies. A literal "*" wants a comment that names
	// the API without resource-level permission.
	Resource []any `json:"Resource,omitempty"`
	// Condition narrows the statement further.
	Condition Condition `json:"Condition,omitempty"`
}

// document is what IAM reads.
type document struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Service makes the principal for an AWS service, such as ecs-tasks.amazonaws.com.
func Service(names ...string) Principal {
	return Principal{"Service": toAny(names)}
}

// aws makes the principal for ARNs of accounts or roles; they may be Outputs.
func aws(arns ...any) Principal {
	return Principal{"AWS": arns}
}

// Everyone makes the principal that means anybody. An Allow for it is refused unless it has a condition.
func Everyone() Principal {
	return Principal{"AWS": []any{"*"}}
}

// Render checks the statements and gives the policy document as JSON. The subject names the policy in errors. All
// problems are reported at once. The result is unknown in a preview as long as one of its values is.
func Render(subject string, statements ...Statement) (pulumi.StringOutput, error) {
	if err := check(statements); err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("render policy %s: %w", subject, err)
	}
	return pulumi.JSONMarshal(written(statements)), nil
}

// Text is Render for statements whose values are all known: the document as text, without white space.
func Text(subject string, statements ...Statement) (string, error) {
	if err := check(statements); err != nil {
		return "", fmt.Errorf("render policy %s: %w", subject, err)
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(written(statements)); err != nil {
		return "", fmt.Errorf("render policy %s: %w", subject, err)
	}
	return strings.TrimSpace(text.String()), nil
}

// written is the document of checked statements.
func written(statements []Statement) document {
	all := make([]Statement, len(statements))
	for i, statement := range statements {
		if statement.Effect == "" {
			statement.Effect = Allow
		}
		statement.Action = slices.Sorted(slices.Values(statement.Action))
		all[i] = statement
	}
	return document{Version: version, Statement: all}
}

func check(statements []Statement) error {
	var problems []error
	if len(statements) == 0 {
		problems = append(problems, errors.New("no statement: leave the policy out instead"))
	}
	seen := map[string]bool{}
	for i, statement := range statements {
		switch {
		case !sidForm.MatchString(statement.Sid):
			problems = append(problems, fmt.Errorf("statement %d: sid %q: letters and digits are needed", i, statement.Sid))
		case seen[statement.Sid]:
			problems = append(problems, fmt.Errorf("statement %d: sid %q is there twice", i, statement.Sid))
		}
		seen[statement.Sid] = true
		if err := checkStatement(statement); err != nil {
			problems = append(problems, fmt.Errorf("statement %q: %w", statement.Sid, err))
		}
	}
	return errors.Join(problems...)
}

func checkStatement(s Statement) error {
	var problems []error
	allows := s.Effect == "" || s.Effect == Allow
	if !allows && s.Effect != Deny {
		problems = append(problems, fmt.Errorf("effect %q: Allow or Deny is needed", s.Effect))
	}
	if len(s.Action) == 0 {
		problems = append(problems, errors.New("no action"))
	}
	for _, action := range s.Action {
		if !actionForm.MatchString(action) {
			problems = append(problems, fmt.Errorf("action %q: service:Name is needed", action))
		} else if allows && s.Principal == nil && strings.HasSuffix(action, ":*") {
			problems = append(problems, fmt.Errorf("action %q: name the actions of the service", action))
		}
	}
	if len(s.Resource) == 0 && s.Principal == nil {
		problems = append(problems, errors.New("no resource"))
	}
	if allows && isEveryone(s.Principal) && len(s.Condition) == 0 {
		problems = append(problems, errors.New("allows everybody without a condition"))
	}
	return errors.Join(problems...)
}

func isEveryone(principal Principal) bool {
	for _, ids := range principal {
		if slices.Contains(ids, any("*")) {
			return true
		}
	}
	return false
}

func toAny(values []string) []any {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = value
	}
	return list
}
