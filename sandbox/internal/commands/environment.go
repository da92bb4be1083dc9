package commands

import (
	"context"
	_ "embed" // the script aws.sh
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/tools"
)

// Environment answers what AWS's tools, psql and a browser need to look at the sandbox. Variables that would point
// elsewhere are given empty, so that they are unset.
func (s *Session) Environment(ctx context.Context) (map[string]string, error) {
	i, err := s.loadStack()
	if err != nil {
		return nil, err
	}
	env := map[string]string{"PGHOSTADDR": "", "PGSERVICE": ""}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); account.Misleading(name) {
			env[name] = ""
		}
	}
	maps.Copy(env, i.Env())
	env["DAGSTER_UI_URL"] = i.UI(s.Stack)
	record, err := deploy.LoadRecord(ctx, i.StackDir(s.Stack), s.Stack, i.Passphrase)
	if err != nil {
		return nil, err
	}
	database := record.Database
	env["PGHOST"], env["PGPORT"], env["PGDATABASE"] = "127.0.0.1", strconv.Itoa(i.PsqlPorts[s.Stack]), database.Name
	env["PGUSER"], env["PGPASSWORD"], env["PGSSLMODE"] = database.User, database.Password, "require"
	return env, nil
}

// PrintEnvironment prints the shell's environment as lines for eval.
func (s *Session) PrintEnvironment(ctx context.Context) error {
	env, err := s.shellEnvironment(ctx)
	if err != nil {
		return err
	}
	for _, line := range s.missing(ctx, env["PATH"]) {
		s.Progress.Note("%s", line)
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if env[name] == "" {
			fmt.Fprintf(s.Out, "unset %s\n", name)
			continue
		}
		fmt.Fprintf(s.Out, "export %s=%s\n", name, quoted(env[name]))
	}
	return nil
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// shellEnvironment is Environment with the sandbox's programs first on PATH, and with profiles of its own, so that no
// call reaches the real AWS: `--profile` finds none of the person's.
func (s *Session) shellEnvironment(ctx context.Context) (map[string]string, error) {
	env, err := s.Environment(ctx)
	if err != nil {
		return nil, err
	}
	i, err := s.load()
	if err != nil {
		return nil, err
	}
	bin, config := filepath.Join(i.StackDir(s.Stack), binFolder), filepath.Join(i.Dir(), "aws.conf")
	if err := s.placePrograms(ctx, i, bin); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("[default]\nregion = %s\nendpoint_url = %s\n", env["AWS_REGION"], env["AWS_ENDPOINT_URL"])
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write the profile of the sandbox %s: %w", s.Name, err)
	}
	env["AWS_CONFIG_FILE"], env["AWS_SHARED_CREDENTIALS_FILE"] = config, config
	env["PATH"] = bin + string(os.PathListSeparator) + OutsidePath(os.Getenv("PATH"))
	return env, nil
}

// binFolder holds the programs of one stack in a sandbox.
const binFolder = "bin"

// binFolders finds it below the folder of all sandboxes.
var binFolders = regexp.MustCompile("/" + regexp.QuoteMeta(rootFolder) + "/[^/]+/stacks/[^/]+/" + binFolder + "/?$")

// OutsidePath leaves out of PATH the programs of sandboxes: within one's shell a driver that looked for `pulumi` there
// would find and start itself.
func OutsidePath(path string) string {
	return strings.Join(slices.DeleteFunc(filepath.SplitList(path), binFolders.MatchString), string(os.PathListSeparator))
}

// placePrograms writes `pulumi`, which works on the stack from any folder, and places `aws` and its
// plugin.
func (s *Session) placePrograms(ctx context.Context, i *instance.Instance, bin string) error {
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return fmt.Errorf("create the folder of programs: %w", err)
	}
	driver, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	script := "#!/bin/sh\nexec"
	for _, word := range []string{driver, "-repo", s.Repo, "-cache", s.Cache, "-stack", s.Stack, "-instance", i.Name, "pulumi"} {
		script += " " + quoted(word)
	}
	if err := os.WriteFile(filepath.Join(bin, "pulumi"), []byte(script+" \"$@\"\n"), 0o700); err != nil {
		return fmt.Errorf("write the sandbox's pulumi: %w", err)
	}
	return errors.Join(s.placeAWS(ctx, bin), placeLink(bin, tools.SessionPluginName, tools.SessionPluginPath(i.Dir())))
}

//go:embed aws.sh
var awsScript string

// placeAWS lets a folder have the pinned command line of AWS, where it is installed, and otherwise the person's own where it is of
// release 1: both with the `logs tail` of release 2, which the runbooks use.
func (s *Session) placeAWS(ctx context.Context, bin string) error {
	program, err := tools.PinnedAWSCLI(s.Repo, s.Cache)
	if err != nil {
		return err
	}
	place := filepath.Join(bin, "aws")
	if !exists(program) {
		found := tools.FindAWSCLI(ctx, OutsidePath(os.Getenv("PATH")))
		if program = found.Path; !found.Safe || !strings.HasPrefix(found.Version, "1.") {
			return os.RemoveAll(place)
		}
	}
	if err := os.RemoveAll(place); err != nil { // may be a link to the program
		return fmt.Errorf("replace the sandbox's aws: %w", err)
	}
	if err := os.WriteFile(place, []byte(strings.Replace(awsScript, "@AWS@", quoted(program), 1)), 0o700); err != nil {
		return fmt.Errorf("write the sandbox's aws: %w", err)
	}
	return nil
}

// placeLink lets a folder have a program that is there elsewhere.
func placeLink(bin, name, program string) error {
	link := filepath.Join(bin, name)
	if there, err := os.Readlink(link); err == nil && there == program || !exists(program) {
		return nil
	}
	if err := os.RemoveAll(link); err != nil {
		return fmt.Errorf("replace the sandbox's %s: %w", name, err)
	}
	if err := os.Symlink(program, link); err != nil {
		return fmt.Errorf("place the sandbox's %s: %w", name, err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// missing says in a line each which of the tools that the environment is for are not there, or are too old.
func (s *Session) missing(ctx context.Context, path string) (lines []string) {
	switch aws := tools.FindAWSCLI(ctx, path); {
	case aws.Path == "":
		lines = append(lines, fmt.Sprintf("aws is not on PATH: `%s` brings one", s.Line("shell")))
	case !aws.Safe:
		lines = append(lines, fmt.Sprintf("%s (%s) does not read AWS_ENDPOINT_URL and would call the real AWS, with credentials "+
			"that are none there: `%s` brings one that does", aws.Path, aws.Version, s.Line("shell")))
	}
	if tools.OnPath("psql", path) == "" {
		lines = append(lines, "psql is not on PATH: install PostgreSQL's client (Debian: postgresql-client)")
	}
	return lines
}
