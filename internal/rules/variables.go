package rules

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// VariableName refuses what shells and libraries do not take as the name of an environment variable: letters, digits and
// underscores, no digit first (POSIX.1-2017, base definitions, 8.1).
func VariableName(name string) error {
	const allowed = "letters, digits and underscores are allowed"
	if name == "" {
		return errRequired
	}
	if found := stray(name, or(isLetterOrDigit, "_")); found != "" {
		return refuse(name, found+"; "+allowed)
	}
	if isDigit(rune(name[0])) {
		return refuse(name, "begins with a digit; a letter or an underscore comes first")
	}
	return nil
}

// managed are beginnings of names that the program, AWS or libpq give a meaning to.
var managed = []string{"DAGSTER_", "AWS_", "ECS_", "PG"}

// OwnVariable refuses a name that VariableName refuses or that is managed: people cannot set it.
func OwnVariable(name string) error {
	for _, beginning := range managed {
		if strings.HasPrefix(name, beginning) {
			return refuse(name, fmt.Sprintf("begins with %s; the program manages such variables", beginning))
		}
	}
	return VariableName(name)
}

var (
	// words of a name that say that its value is secret, and such a word glued to the one before
	secretName = regexp.MustCompile(`(?i)(^|_)(pass(word|wd|phrase)|pwd|secret|token|credentials?` +
		`|(api|access|account|auth|client|deploy|encryption|hmac|master|private|secret|shared|signing|ssh)_?key)(_|$)` +
		`|(^|_)(pass|pat|bearer)$|(passw(or)?d|secret|token|apikey)$`)
	// ends of a name that say that its value tells something about a secret and not what it is
	about = regexp.MustCompile(`(?i)_(algorithm|arn|audience|bucket|count|days|dir|enabled|endpoint|expiry|field|file|header|hours|host|id` +
		`|issuer|length|limit|minutes|name|path|prefix|region|required|scope|seconds|store|timeout|ttl|type|ur[il]|version)$`)
	// a password in an address or among the parts of a connection string, a private key, a JWT, and the tokens that can be
	// told by their beginnings (GitHub documentation, supported secret scanning patterns)
	secretValue = regexp.MustCompile(`://[^/\s:@]*:[^/\s@]+@|(?i:\b(password|passwd|pwd|accountkey|sharedaccesskey)=[^\s;&]+)` +
		`|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]+\.eyJ|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}` +
		`|\bgh[pousr]_\w{20}|\bgithub_pat_\w{20}|\bglpat-[\w-]{20}|\bxox[a-z]-|\b[rs]k_live_\w{16}|\bsk-(ant|proj)-[\w-]{16}` +
		`|\bnpm_\w{30}|\bpypi-\w{16}|\bhf_\w{30}|\bdapi[0-9a-f]{32}\b|\bSG\.[\w-]{16,}\.`)
)

// PlainVariable refuses a value that should not stand in the clear: one whose variable is named like a secret, or that
// looks like one itself. The value is not shown.
func PlainVariable(name, value string) error {
	if secretName.MatchString(name) && !about.MatchString(name) {
		return errors.New("is named like a secret; it belongs into the secrets")
	}
	if secretValue.MatchString(value) {
		return errors.New("looks like a secret; it belongs into the secrets")
	}
	return variableValue(value)
}

// variableValue refuses a value with a NUL character, where the system ends it (execve). The value is not shown.
func variableValue(value string) error {
	if strings.ContainsRune(value, 0) {
		return errors.New("has a NUL character; all others are allowed")
	}
	return nil
}

// secretLimit is what a parameter of the standard tier holds, in bytes (Systems Manager PutParameter, Value).
const secretLimit = 4096

// SecretValue refuses what a parameter cannot hold: nothing, more than 4096 bytes, a reference {{ }} to another parameter
// (Systems Manager PutParameter, Value), and a NUL character. The value is not shown.
func SecretValue(value string) error {
	if size := len(value); size < 1 || size > secretLimit {
		return fmt.Errorf("has %d bytes; 1 to %d are allowed", size, secretLimit)
	}
	if strings.Contains(value, "{{") {
		return errors.New("has {{, which Systems Manager reads as a reference; all else is allowed")
	}
	return variableValue(value)
}
