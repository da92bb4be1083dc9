// Command unused reports the names of modules that lead nowhere: constants, variables, types, functions, methods and
// struct fields. An exported name has to be used by another package, any other name by its own. Tests do not count as
// users, for what only tests use is for nobody; but what its own package uses may be exported for tests in other packages,
// its own _test package among them.
//
// Usage: unused [-except file] [-tags tags] [folder of a module ...]
//
// The file of exceptions has one a line: the name as it is reported or, after a *, its end or, before one, its
// beginning; a colon; the reason. An exception that is not needed any more is reported as well.
//
// These need nobody to use them:
//   - methods by which a type fulfills an interface of its module or of a package that the module imports;
//   - fields with the tag of an encoder, which writes those too that nobody sets;
//   - the type of a name that is used, even where nobody spells it out.
//
// Methods of an interface and fields of a type without an exported name are exported for others' sake: a user in their
// own package is enough.
//
// A package that imports testing holds helpers of tests: it counts as a test, and tests are its users.
//
// Kept tools answer parts of the question. deadcode knows functions only, and builds the whole program with all its
// dependencies, which takes 20 seconds of a processor for each module. staticcheck's U1000 never reports an exported
// name. Neither sees a field that nobody sets.
package main

import (
	"flag"
	"fmt"
	"go/token"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	except := flag.String("except", "", "the file of exceptions")
	tags := flag.String("tags", "", "the build tags of tests, with commas between")
	flag.Parse()
	found, err := run(*except, *tags, flag.Args())
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

// run gives a line for each name without a user in the modules and for each exception that is not needed.
func run(except, tags string, folders []string) ([]string, error) {
	exceptions, err := readExceptions(except)
	if err != nil {
		return nil, err
	}
	var all []*packages.Package
	files := token.NewFileSet()
	for _, folder := range folders {
		loaded, err := load(folder, tags, files)
		if err != nil {
			return nil, err
		}
		all = append(all, loaded...)
	}
	var found []string
	for _, n := range unused(all) {
		if !exceptions.take(n.label) {
			found = append(found, n.String())
		}
	}
	return append(found, exceptions.left()...), nil
}

// load type-checks the packages of one module together with their tests.
func load(folder, tags string, files *token.FileSet) ([]*packages.Package, error) {
	config := &packages.Config{
		Dir: folder, Fset: files, Mode: packages.LoadSyntax, Tests: true, BuildFlags: []string{"-tags", tags},
	}
	loaded, err := packages.Load(config, "./...")
	if err != nil {
		return nil, fmt.Errorf("load the packages of %s: %w", folder, err)
	}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("load the packages of %s: %s: %w", folder, p.PkgPath, p.Errors[0])
		}
	}
	return loaded, nil
}
