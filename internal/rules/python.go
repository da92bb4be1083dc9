package rules

import (
	"fmt"
	"regexp"
	"strings"
)

var identifierForm = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// moduleLimit keeps the command short with which a run is launched, and in which the module stands.
const moduleLimit = 255

// PythonModule refuses what cannot be the name of a Python module for workspace.yaml: identifiers with dots between (Python
// language reference, identifiers, without the letters beyond ASCII; Dagster, workspace.yaml, module_name), and a file's
// name, which would be read as a module py inside of a package.
func PythonModule(module string) error {
	if module == "" {
		return errRequired
	}
	if name, file := strings.CutSuffix(module, ".py"); file {
		return refuse(module, fmt.Sprintf("is a file; its module is %s", strings.ReplaceAll(name, "/", ".")))
	}
	if wrong := length(module, 1, moduleLimit); wrong != "" {
		return refuse(module[:20]+"…", wrong)
	}
	for _, part := range strings.Split(module, ".") {
		if !identifierForm.MatchString(part) {
			return refuse(module, fmt.Sprintf("has the part %q; letters, digits and underscores, no digit first, are allowed between dots", part))
		}
	}
	return nil
}
