//go:build e2e

package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/rules"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/checkout"
	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/tools"
)

// newcomer is somebody with an account and a checkout, and nothing in between but Pulumi and AWS's command line.
type newcomer struct {
	t       *testing.T
	session *commands.Session
	account commands.Account
	dir     string
	env     []string
	// state is the file in which the shell keeps its folder and variables from one command to the next.
	state string
}

// byDocker are commands that build and push an image, which the sandbox does by itself.
var byDocker = regexp.MustCompile(`(^|\| )docker `)

func TestTheFirstHourInAnAccount(t *testing.T) {
	t.Parallel()
	n := arrive(t)
	n.configure()
	sections := n.sections("docs/start.md")
	if len(sections) < 4 {
		t.Fatalf("docs/start.md has %d sections with commands", len(sections))
	}
	for _, section := range sections {
		if !t.Run(section.title, func(t *testing.T) { n.with(t).paste(section.commands...) }) {
			return
		}
		if section.title == "5. The first run" {
			t.Run("a pipeline deploys what was reviewed, and nothing else", func(t *testing.T) { n.with(t).pipeline() })
			t.Run("a company's policies refuse what it forbids", func(t *testing.T) { n.with(t).forbid() })
			t.Run("another team's service is called by a run", func(t *testing.T) { n.with(t).neighbor() })
		}
	}
}

// arrive gives somebody an account and a checkout.
func arrive(t *testing.T) newcomer {
	t.Helper()
	dir := t.TempDir()
	if err := checkout.Copy(t.Context(), repository(t), dir); err != nil {
		t.Fatal(err)
	}
	n := newcomer{t: t, session: newSessionIn(t, dir, "dev"), dir: dir, state: filepath.Join(t.TempDir(), "shell")}
	n.open()
	return n
}

// pipeline does what the workflows do, as a job of the repository, whose tokens the account trusts.
func (n newcomer) pipeline() {
	n.t.Helper()
	const repository = "repo:your-organization/your-repository:"
	n.run("git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm change")
	preview, deploy := n.job("asset-manager-dev-preview", repository+"pull_request"), n.job("asset-manager-dev-deploy", repository+"environment:dev")
	for _, stranger := range []newcomer{
		n.job("asset-manager-dev-deploy", "repo:your-organization/another:environment:dev"),
		n.job("asset-manager-dev-deploy", repository+"pull_request"),
		n.job("asset-manager-prod-preview", repository+"environment:dev"),
	} {
		if out, err := stranger.try("aws sts get-caller-identity"); err == nil || !strings.Contains(out, "AssumeRoleWithWebIdentity") {
			n.t.Errorf("a job that is not trusted is let in: %v, %s", err, out)
		}
	}
	preview.run("make plan STACK=dev")
	if out, err := preview.try("pulumi up --yes --skip-preview --stack dev"); err == nil {
		n.t.Errorf("who previews deploys: %s", out)
	}
	reviewed := strings.TrimSpace(n.read(".delivery/dev.digest"))
	n.edit(`maxConcurrent: 5`, `maxConcurrent: 4`)
	if out, err := deploy.try("make deploy STACK=dev REVIEWED=" + reviewed); err == nil || !strings.Contains(out, "review it again") {
		n.t.Errorf("a plan that nobody has reviewed is deployed: %v, %s", err, out)
	}
	preview.run("make plan STACK=dev")
	if comment := n.read(".delivery/dev.md"); !strings.Contains(comment, "dagster:runs.maxConcurrent") {
		n.t.Errorf("the comment does not tell of the change: %s", comment)
	}
	deploy.run("make deploy STACK=dev SMOKE=heavy_computation_job REVIEWED=" + strings.TrimSpace(n.read(".delivery/dev.digest")))
	n.drift(preview)
}

// forbid previews with the policy pack of the examples.
func (n newcomer) forbid() {
	n.t.Helper()
	script, err := os.ReadFile("testdata/pulumi-language-python.py")
	if err != nil {
		n.t.Fatal(err)
	}
	plugin := filepath.Join(n.t.TempDir(), "pulumi-language-python")
	script = append([]byte("#!"+n.dir+"/examples/policy-pack/venv/bin/python\n"), script...)
	if err := os.WriteFile(plugin, script, 0o755); err != nil {
		n.t.Fatal(err)
	}
	n.run("export PATH=" + filepath.Dir(plugin) + ":$PATH")
	var lines []string
	for _, section := range n.sections("docs/pull-requests.md") {
		if section.title == "Forbid things" {
			lines = section.commands
		}
	}
	n.paste(lines...)
	before := n.read("Pulumi.dev.yaml")
	n.edit(`maxConcurrent: 4`, "maxConcurrent: 4\n    cpu: 8192\n    memory: 16384")
	if out, err := n.try(lines[len(lines)-1]); err == nil || !strings.Contains(out, "8192 units of CPU: up to 4096 are allowed") {
		n.t.Errorf("a large task is not refused: %v, %s", err, out)
	}
	writeFiles(n.t, n.dir, map[string]string{"Pulumi.dev.yaml": before})
}

// drift is nothing at first, and what somebody changes by hand then.
func (n newcomer) drift(preview newcomer) {
	n.t.Helper()
	preview.run("make drift STACK=dev")
	n.run("aws logs put-retention-policy --log-group-name asset-manager-dev/web --retention-in-days 3")
	if out, err := preview.try("make drift STACK=dev"); err == nil || !strings.Contains(out, "retentionInDays") {
		n.t.Errorf("what was changed by hand is not drift: %v, %s", err, out)
	}
}

// neighbor deploys the stack of another team, which reads what dev gives, and has a run call its service.
func (n newcomer) neighbor() {
	n.t.Helper()
	n.state = filepath.Join(n.t.TempDir(), "shell")
	n.dir = filepath.Join(n.dir, "examples/consumer")
	n.env = append(slices.Clip(n.env), "PULUMI_CONFIG_PASSPHRASE=of-the-other-team", "AWS_REGION=us-west-1")
	n.run("pulumi stack init dev --secrets-provider=passphrase")
	n.run("pulumi config set aws:region us-west-1 && pulumi config set image " + n.account.Image)
	n.run("pulumi up --yes")
	n.run(`printf 'ops: {call: {config: {urls: ["%s"]}}}' "$(pulumi stack output url)" > run.yaml`)
	n.run("pulumi preview --expect-no-changes")
	n.run("go run ../../tunnel -stack organization/dagster/dev run call_services_job run.yaml")
	n.run("pulumi destroy --yes")
}

// job is a job of the pipeline with its token, which takes a role. A real token is signed; the sandbox believes what it says.
func (n newcomer) job(role, subject string) newcomer {
	n.t.Helper()
	part := func(value map[string]string) string {
		text, err := json.Marshal(value)
		if err != nil {
			n.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	token := part(map[string]string{"alg": "none"}) + "." + part(map[string]string{
		"iss": "https://token.actions.githubusercontent.com", "aud": "sts.amazonaws.com", "sub": subject,
	}) + "."
	home := n.t.TempDir()
	writeFiles(n.t, home, map[string]string{"token": token})
	n.state = filepath.Join(home, "shell")
	n.env = append(slices.Clip(n.env), "AWS_WEB_IDENTITY_TOKEN_FILE="+home+"/token", "AWS_ROLE_ARN=arn:aws:iam::111122223333:role/"+role,
		"AWS_REGION=us-west-1", "AWS_DEFAULT_REGION=us-west-1", "AWS_SHARED_CREDENTIALS_FILE="+home+"/none", "AWS_CONFIG_FILE="+home+"/none")
	return n
}

func (n newcomer) with(t *testing.T) newcomer {
	n.t = t
	return n
}

// open gives the newcomer the account, as a profile of AWS's command line.
func (n *newcomer) open() {
	n.t.Helper()
	var err error
	if n.account, err = n.session.Account(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
	if !tools.FindAWSCLI(n.t.Context(), os.Getenv("PATH")).Safe {
		if _, err := tools.InstallAWSCLI(n.t.Context(), n.session.Repo, n.session.Cache, n.session.Progress); err != nil {
			n.t.Fatal(err)
		}
	}
	home := n.t.TempDir()
	credentials := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		n.account.Env["AWS_ACCESS_KEY_ID"], n.account.Env["AWS_SECRET_ACCESS_KEY"])
	writeFiles(n.t, home, map[string]string{"credentials": credentials, "config": "[default]\nregion = us-west-1\n"})
	n.env = account.Without(os.Environ())
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED", "PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK"} {
		n.env = append(n.env, name+"="+n.account.Env[name])
	}
	// AWS's SDK for Go takes a role before it has read AWS_ENDPOINT_URL
	n.env = append(n.env, "AWS_ENDPOINT_URL_STS="+n.account.Env["AWS_ENDPOINT_URL"], "AWS_CONFIG_FILE="+home+"/config", "AWS_SHARED_CREDENTIALS_FILE="+home+"/credentials",
		"PULUMI_CREDENTIALS_PATH="+home)
}

// configure edits dev's file, as a person does: what differs on this machine are the image's tag, a port, the processor that
// functions run on.
func (n newcomer) configure() {
	n.t.Helper()
	n.edit(`dagster:image: .*`, "dagster:image: "+n.account.Image)
	n.edit(`dagster:database:\n`, fmt.Sprintf("dagster:database:\n    connection:\n      localPort: %d\n", n.account.DatabasePort))
	if runtime.GOARCH == rules.X86.Go() {
		n.edit(`\z`, fmt.Sprintf("  dagster:monitoring:\n    architecture: %s\n", rules.X86))
	}
}

// edit replaces what a pattern finds in dev's file.
func (n newcomer) edit(pattern, by string) {
	n.t.Helper()
	before := n.read("Pulumi.dev.yaml")
	after := regexp.MustCompile(pattern).ReplaceAllLiteralString(before, by)
	if after == before {
		n.t.Fatalf("Pulumi.dev.yaml has no %s", pattern)
	}
	writeFiles(n.t, n.dir, map[string]string{"Pulumi.dev.yaml": after})
}

func (n newcomer) read(name string) string {
	n.t.Helper()
	text, err := os.ReadFile(filepath.Join(n.dir, name))
	if err != nil {
		n.t.Fatal(err)
	}
	return string(text)
}

// section is a part of a document with its commands.
type section struct {
	title    string
	commands []string
}

func (n newcomer) sections(name string) (found []section) {
	n.t.Helper()
	for _, part := range strings.Split(n.read(name), "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		s := section{title: title}
		for _, block := range console.FindAllStringSubmatch(body, -1) {
			for _, each := range command.FindAllStringSubmatch(block[1], -1) {
				s.commands = append(s.commands, each[1])
			}
		}
		if len(s.commands) > 0 {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		n.t.Fatalf("%s has no sections with commands", name)
	}
	return found
}

// paste runs commands one after the other, in a shell that remembers.
func (n newcomer) paste(lines ...string) {
	n.t.Helper()
	for _, each := range lines {
		if byDocker.MatchString(each) {
			if err := n.account.Push(n.t.Context()); err != nil {
				n.t.Fatal(err)
			}
			continue
		}
		n.run(each)
	}
}

// run runs one command, after which the shell's folder and variables are kept.
func (n newcomer) run(line string) {
	n.t.Helper()
	out, err := n.try(line)
	if err != nil {
		n.t.Fatalf("%s\nends with %v:\n%s", line, err, out)
	}
	n.t.Logf("$ %s\n%s", line, out)
}

// try is run for a command that may fail.
func (n newcomer) try(line string) (string, error) {
	script := fmt.Sprintf("set -o pipefail; cd %[1]s; touch %[2]s; . %[2]s\n%[3]s\nended=$?\n"+
		"{ export -p; declare -p SECRETS REPOSITORY; echo cd \"$PWD\"; } > %[2]s 2>/dev/null; exit $ended", n.dir, n.state, line)
	shell := exec.CommandContext(context.WithoutCancel(n.t.Context()), "bash", "-c", script)
	shell.Env = n.env
	out, err := shell.CombinedOutput()
	return string(out), err
}
