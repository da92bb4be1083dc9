// Command settingsdoc writes docs/settings.md from the comments of the settings' types and the profiles' defaults, so
// that the document cannot say anything else than the code. It runs by go generate in internal/config.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(".", "../../docs/settings.md"); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run renders the document from the source files in a folder and writes it.
func run(source, target string) error {
	document, err := render(source)
	if err != nil {
		return err
	}
	if err := os.WriteFile(target, document, 0o644); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}
