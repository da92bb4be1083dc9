// Package gofunction turns the source of a small Go program into what AWS Lambda runs: a hash by which the source is known
// again, and an archive with the program compiled for Lambda's machines. It knows neither Pulumi nor AWS's SDK.
//
// A function is known by its source and not by the bytes of a build: another Go compiles the same source to other bytes, and
// a preview would show a change on each machine. docs/decisions/0007 has the reasons.
package gofunction

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Program is the name by which Lambda starts the program of an archive (Lambda developer guide, OS-only runtimes).
const Program = "bootstrap"

// hashLength is how many hexadecimal digits of a source's hash are used: enough to tell versions apart.
const hashLength = 16

// Hash tells versions of a source apart: it changes with each file of the folder but tests and their data. It refuses a folder
// that is not a Go module.
func Hash(folder string) (string, error) {
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err != nil {
		return "", fmt.Errorf("read the function's source: %w; it lies beside Pulumi.yaml", err)
	}
	sum := sha256.New()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "testdata":
			return filepath.SkipDir
		case entry.IsDir(), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", filepath.ToSlash(name), len(content))
		sum.Write(content)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the function's source: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:hashLength], nil
}

// Build compiles the source for an architecture as Go names it, arm64 or amd64, and gives the archive. It needs Go, which
// also compiles the program that calls it, and the function's modules.
func Build(ctx context.Context, folder, architecture string) ([]byte, error) {
	temporary, err := os.MkdirTemp("", "function-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to compile the function in: %w", err)
	}
	defer os.RemoveAll(temporary)
	target := filepath.Join(temporary, Program)
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-tags=lambda.norpc",
		"-ldflags=-s -w -buildid=", "-o", target, ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+architecture, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if printed, err := command.CombinedOutput(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("compile the function in %s: Go is not on PATH: install it from https://go.dev/dl", folder)
		}
		return nil, fmt.Errorf("compile the function in %s: %w: %s", folder, err, bytes.TrimSpace(printed))
	}
	program, err := os.ReadFile(target)
	if err != nil {
		return nil, fmt.Errorf("read the compiled function: %w", err)
	}
	return archive(program)
}

// archive makes an archive of a program that Lambda may execute, with the same bytes each time.
func archive(program []byte) ([]byte, error) {
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: Program, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755)
	file, err := writer.CreateHeader(header)
	if err == nil {
		_, err = file.Write(program)
	}
	if err := errors.Join(err, writer.Close()); err != nil {
		return nil, fmt.Errorf("pack the function: %w", err)
	}
	return out.Bytes(), nil
}
