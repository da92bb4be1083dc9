package account

import "strings"

// harmless are AWS's variables that lead no call elsewhere.
var harmless = []string{"AWS_CA_BUNDLE", "AWS_CLI_", "AWS_DEFAULT_OUTPUT", "AWS_MAX_ATTEMPTS", "AWS_PAGER", "AWS_RETRY_MODE"}

// Misleading says whether a variable of the caller's environment could lead calls past a sandbox: an endpoint of one
// service, a profile, a role, the order to ignore endpoints.
func Misleading(variable string) bool {
	if !strings.HasPrefix(variable, "AWS_") {
		return false
	}
	for _, prefix := range harmless {
		if strings.HasPrefix(variable, prefix) {
			return false
		}
	}
	return true
}

// Without leaves out of an environment what could lead calls past a sandbox.
func Without(environ []string) (kept []string) {
	for _, pair := range environ {
		if name, _, _ := strings.Cut(pair, "="); !Misleading(name) {
			kept = append(kept, pair)
		}
	}
	return kept
}
