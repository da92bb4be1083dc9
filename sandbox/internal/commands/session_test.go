package commands

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagster-ecs/sandbox/internal/progress"
)

const stackFile = `config:
  aws:region: us-west-1
  dagster:account: "111122223333"
  dagster:profile: dev
  dagster:protect: false
  dagster:image: registry.example.com/app:1
  dagster:code: {module: own.definitions}
`

func TestWhatIsWrongIsSaidBeforeASandboxIsMade(t *testing.T) {
	for name, c := range map[string]struct {
		file, project, want string
	}{
		"a stack that is deployed from inside": {stackFile + "  dagster:database: {connection: {via: direct}}\n", "",
			`dagster:database.connection.via: "direct": this machine is outside`},
		"a wrong setting":                {stackFile + "  dagster:prefix: Upper\n", "", "dagster:prefix"},
		"a missing setting":              {strings.Replace(stackFile, "dagster:account", "dagster:nonsense", 1), "", "dagster:account"},
		"a file that is not YAML":        {stackFile + "  dagster:prefix: \"x\n", "", "Pulumi.dev.yaml, line 8: "},
		"a project without a Dockerfile": {stackFile, t.TempDir(), "there is no Dockerfile"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Session{Repo: t.TempDir(), Name: "dev", Stack: "dev", Project: c.project,
				Progress: progress.New(io.Discard), Out: io.Discard}
			for file, text := range map[string]string{"Pulumi.yaml": "name: dagster\nruntime: go\n", "Pulumi.dev.yaml": c.file} {
				if err := os.WriteFile(filepath.Join(s.Repo, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := s.prepare(t.Context(), codeBuilt)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(s.Root(), s.Name)); !os.IsNotExist(err) {
				t.Errorf("the sandbox has a folder: %v", err)
			}
		})
	}
}
