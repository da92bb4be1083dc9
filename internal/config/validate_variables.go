package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"dagster-ecs/internal/problems"
)

var (
	variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// words of a name that say that its value is secret
	secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|pwd|secret|token|api_?key|private_?key|credentials?)(_|$)`)
	// a password in an address, an AWS access key, a private key, a token of GitHub, Slack or a JWT
	secretValue = regexp.MustCompile(
		`://[^/\s:@]*:[^/\s@]+@|\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_\w{20}|\bxox[a-z]-|\beyJ[\w-]+\.eyJ`)
)

// longestSecret is what a parameter of the standard tier holds (Systems Manager, PutParameter).
const longestSecret = 4096

// managed are beginnings of names that the program, AWS or libpq give a meaning to.
var managed = []string{"DAGSTER_", "AWS_", "ECS_", "PG"}

func (s Settings) validateVariables(list *problems.List) {
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		key := "dagster:environment." + name
		variable(list, key, name)
		list.Check(!secretName.MatchString(name), key, "is named like a secret: it belongs into dagster:secrets")
		list.Check(!secretValue.MatchString(s.Environment[name]), key, "looks like a secret: it belongs into dagster:secrets")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		key := "dagster:secrets." + name
		variable(list, key, name)
		length := len(s.Secrets[name].Reveal())
		list.Check(length >= 1 && length <= longestSecret, key, "has %d bytes, 1 to %d are allowed", length, longestSecret)
		_, twice := s.Environment[name]
		list.Check(!twice, key, "is in dagster:environment as well")
	}
}

// variable checks a name of an environment variable that people choose.
func variable(list *problems.List, key, name string) {
	list.Check(variableForm.MatchString(name), key, "is no name of an environment variable (letters, digits and underscores)")
	for _, beginning := range managed {
		list.Check(!strings.HasPrefix(name, beginning), key, "begins with %s: such variables are managed by the program", beginning)
	}
}
