// Command nameable reports what the packages of a module ask of other modules and these cannot write down: exported
// names whose types stand in an internal package, and have no alias in a package that other modules may import. The
// compiler sees nothing of it, as the module itself may import them.
//
// Usage: nameable [package ...]
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	found, err := run(".", os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
	for _, line := range found {
		fmt.Println(line)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

// run gives a line for each name of the packages below dir that leads to a type which cannot be written down.
func run(dir string, patterns []string) ([]string, error) {
	loaded, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.LoadSyntax}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("load the packages: %w", err)
	}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("load the packages: %s: %w", p.PkgPath, p.Errors[0])
		}
	}
	return hidden(loaded), nil
}
