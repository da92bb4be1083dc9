// Package imagecheck holds an image to its contract, docs/image.md, before anything else runs in it.
package imagecheck

import _ "embed"

// start looks for Python, with which script does the rest.
//
//go:embed check.sh
var start string

//go:embed check.py
var script string

// Before is what stands before a command, in exec form: the command runs if the image keeps the contract and has the
// Python module of the code; otherwise each breach is a line in the log, and the container ends with 1.
func Before(module string) []string {
	return []string{"sh", "-c", start, script, module}
}
