package tools

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// moduleKey is a hash of all that a program is made from, except its tests.
func moduleKey(module string, p program) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, p, runtime.Version())
	err := filepath.WalkDir(module, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(module, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the module of %s: %w", p.name, err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// homeKey is a hash of all that the CLI, the language host and the plugins are made from.
func homeKey(sandbox string) (string, error) {
	sum := sha256.New()
	programs := []program{cliProgram, hostProgram, bridgeProgram}
	for _, p := range plugins {
		fmt.Fprintln(sum, p.folder(), upstreamVersion)
		if p.upstream != nil {
			programs = append(programs, *p.upstream)
		}
	}
	for _, p := range programs {
		key, err := moduleKey(filepath.Join(sandbox, filepath.FromSlash(p.module)), p)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, p.name, key)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}
