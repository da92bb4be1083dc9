// Command access prints what the roles may do that deploy a stack and that preview it, and what bounds the roles that the
// stack makes. It reads the stack's file and asks nobody: it needs no credentials.
//
//	go run ./access -stack prod                 print all as JSON
//	go run ./access -stack prod -dir policies   write each policy into a file of its name, for aws iam create-policy
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/deployaccess"
)

func main() {
	if err := run(os.Args[1:], ".", os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string, root string, out io.Writer) error {
	flags := flag.NewFlagSet("access", flag.ContinueOnError)
	stack := flags.String("stack", "", "the stack, as pulumi names it; required")
	folder := flags.String("dir", "", "the folder for a file of each policy; without it all are printed")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *stack == "" {
		return errors.New("-stack: is required")
	}
	settings, err := config.ReadFile(root, *stack)
	if err != nil {
		return err
	}
	all, err := deployaccess.For(settings)
	if err != nil {
		return err
	}
	if *folder == "" {
		return printAll(all, out)
	}
	return write(all, *folder)
}

// printed is a role as it is printed.
type printed struct {
	Role     string                     `json:"role,omitempty"`
	Policies map[string]json.RawMessage `json:"policies"`
}

func printAll(all deployaccess.Access, out io.Writer) error {
	shown := map[string]printed{"boundary": show("", all.Boundary)}
	for purpose, role := range map[string]deployaccess.Role{"deploy": all.Deploy, "preview": all.Preview} {
		shown[purpose] = show(role.Name, role.Policies...)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(shown); err != nil {
		return fmt.Errorf("print the policies: %w", err)
	}
	return nil
}

func show(role string, policies ...deployaccess.Policy) printed {
	shown := printed{Role: role, Policies: map[string]json.RawMessage{}}
	for _, policy := range policies {
		shown.Policies[policy.Name] = json.RawMessage(policy.Document)
	}
	return shown
}

func write(all deployaccess.Access, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("create the folder of policies: %w", err)
	}
	policies := append([]deployaccess.Policy{all.Boundary}, all.Deploy.Policies...)
	for _, policy := range append(policies, all.Preview.Policies...) {
		path := filepath.Join(folder, filepath.Base(policy.Name)+".json")
		if err := os.WriteFile(path, []byte(policy.Document+"\n"), 0o644); err != nil {
			return fmt.Errorf("write the policy %s: %w", policy.Name, err)
		}
	}
	return nil
}
