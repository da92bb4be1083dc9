package tools

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// plugin is one provider: the version of the official plugin, which the program's SDK asks for, and how the upstream
// provider is built where that plugin cannot be had.
type plugin struct {
	name, version string
	upstream      *program // nil for a provider that is found on this machine
}

var plugins = []plugin{
	{name: "aws", version: "6.83.2"},
	{"postgresql", "3.16.2", upstreamProgram("postgresql")},
	{"random", "4.19.1", upstreamProgram("random")},
}

func upstreamProgram(name string) *program {
	full := "terraform-provider-" + name
	return &program{name: full, module: "tools/" + name, source: "github.com/terraform-providers/" + full}
}

func (p plugin) folder() string { return "resource-" + p.name + "-v" + p.version }

func (b builder) folder(p plugin) string { return filepath.Join(b.home, "plugins", p.folder()) }

func (b builder) pluginsMissing() bool {
	for _, p := range plugins {
		if !exists(b.folder(p)) && officialPlugin(p) == "" {
			return true
		}
	}
	return false
}

// plugins puts every plugin in its place; cli, when given, may fetch official ones.
func (b builder) plugins(ctx context.Context, cli string) error {
	if err := os.MkdirAll(filepath.Join(b.home, "plugins"), 0o755); err != nil {
		return fmt.Errorf("create the folder of the plugins: %w", err)
	}
	for _, p := range plugins {
		if err := b.plugin(ctx, p, cli); err != nil {
			return fmt.Errorf("install the provider %s: %w", p.name, err)
		}
	}
	return nil
}

// plugin uses the official plugin when the person has it or it can be fetched, else the bridge.
func (b builder) plugin(ctx context.Context, p plugin, cli string) error {
	if exists(b.folder(p)) {
		return nil
	}
	if official := officialPlugin(p); official != "" {
		return os.Symlink(official, b.folder(p))
	}
	if cli != "" && b.fetch(ctx, p, cli) == nil && exists(b.folder(p)) {
		return nil
	}
	return b.bridged(ctx, p)
}

// fetchTime is enough for the largest plugin, 180 MB, on a slow line.
const fetchTime = 4 * time.Minute

// fetch lets Pulumi install the official plugin.
func (b builder) fetch(ctx context.Context, p plugin, cli string) (err error) {
	end := b.report.Step("fetch the official plugin " + p.name + " " + p.version)
	defer func() { end(err) }()
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, cli, "plugin", "install", "resource", p.name, "v"+p.version)
	cmd.Env = append(os.Environ(), "PULUMI_HOME="+b.home, "PULUMI_SKIP_UPDATE_CHECK=true")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// probeTime is how long the site of the official plugins may take to answer before the bridge is used.
const probeTime = 4 * time.Second

// pluginSite is where Pulumi itself fetches official plugins: https://www.pulumi.com/docs/iac/concepts/plugins/
const pluginSite = "https://get.pulumi.com/releases/plugins/"

// reachable says whether official plugins can be fetched from here.
func reachable(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	p := plugins[0]
	url := fmt.Sprintf("%spulumi-resource-%s-v%s-%s-%s.tar.gz", pluginSite, p.name, p.version, runtime.GOOS, runtime.GOARCH)
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

// bridged puts the bridge in the plugin's place, with the upstream provider beside it.
func (b builder) bridged(ctx context.Context, p plugin) error {
	upstream, err := b.upstream(ctx, p)
	if err != nil {
		return err
	}
	scratch := b.folder(p) + ".new"
	if err := os.RemoveAll(scratch); err != nil {
		return fmt.Errorf("remove an unfinished plugin: %w", err)
	}
	if err := b.place(ctx, bridgeProgram, filepath.Join(scratch, "pulumi-resource-"+p.name)); err != nil {
		return err
	}
	if err := os.Symlink(upstream, filepath.Join(scratch, "terraform-provider-"+p.name)); err != nil {
		return fmt.Errorf("place the upstream provider: %w", err)
	}
	return os.Rename(scratch, b.folder(p))
}

func (b builder) upstream(ctx context.Context, p plugin) (string, error) {
	if p.upstream == nil {
		return findUpstream()
	}
	return b.build(ctx, *p.upstream)
}

// officialPlugin is where Pulumi keeps the plugin for this person, or "".
func officialPlugin(p plugin) string {
	home := os.Getenv("PULUMI_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		home = filepath.Join(user, ".pulumi")
	}
	folder := filepath.Join(home, "plugins", p.folder())
	if !exists(filepath.Join(folder, "pulumi-resource-"+p.name)) {
		return ""
	}
	return folder
}
