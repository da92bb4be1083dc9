package tools

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// AWSCLI is AWS's command line as a shell would find it.
type AWSCLI struct {
	// Path is empty where there is none.
	Path string
	// Version is what it says of itself, such as "2.15.30".
	Version string
	// Safe says that it reads AWS_ENDPOINT_URL. An older one does not, and calls the real AWS.
	Safe bool
}

// The first releases that read AWS_ENDPOINT_URL, the minor version by the major
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
var firstWithEndpoint = map[int]int{1: 29, 2: 13}

var awsVersion = regexp.MustCompile(`^aws-cli/((\d+)\.(\d+)\.\S+)`)

// OnPath finds a program in the folders of a PATH, "" where none has it.
func OnPath(name, path string) string {
	for _, folder := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return found
		}
	}
	return ""
}

// FindAWSCLI looks in the folders of a PATH.
func FindAWSCLI(ctx context.Context, folders string) AWSCLI {
	path := OnPath("aws", folders)
	if path == "" {
		return AWSCLI{}
	}
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput() // old releases print it as an error
	if err != nil {
		return AWSCLI{Path: path, Version: "of an unknown version"}
	}
	version, safe := parseAWSVersion(string(out))
	return AWSCLI{Path: path, Version: version, Safe: safe}
}

func parseAWSVersion(said string) (version string, safe bool) {
	match := awsVersion.FindStringSubmatch(said)
	if match == nil {
		return "of an unknown version", false
	}
	major, errMajor := strconv.Atoi(match[2])
	minor, errMinor := strconv.Atoi(match[3])
	first, known := firstWithEndpoint[major]
	return match[1], errMajor == nil && errMinor == nil && (major > 2 || known && minor >= first)
}

// PinnedAWSCLI answers the program that InstallAWSCLI installs for the repository at repo, whether it is there or not.
func PinnedAWSCLI(repo, cache string) (path string, err error) {
	text, err := os.ReadFile(awsRequirements(repo))
	if err != nil {
		return "", fmt.Errorf("read the pins of AWS's command line: %w", err)
	}
	sum := sha256.Sum256(text)
	return filepath.Join(cache, "tools", "awscli-"+hex.EncodeToString(sum[:8]), "bin", "aws"), nil
}

func awsRequirements(repo string) string {
	return filepath.Join(repo, "sandbox", "tools", "awscli", "requirements.lock")
}

// InstallAWSCLI installs the pinned release from Python's registry unless it is there, and answers its program. It takes
// Python 3 with venv.
func InstallAWSCLI(ctx context.Context, repo, cache string, report *progress.Reporter) (path string, err error) {
	if path, err = PinnedAWSCLI(repo, cache); err != nil || exists(path) {
		return path, err
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		return "", errors.New("python3 is not on PATH")
	}
	folder := filepath.Dir(filepath.Dir(path))
	unlock, err := engine.Lock(ctx, folder+".lock", "install AWS's command line", report)
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(path) {
		return path, nil
	}
	end := report.Step("install AWS's command line")
	defer func() { end(err) }()
	// Scripts of a virtual environment name its path, so that it is made in its place; the program comes last.
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("remove an unfinished installation: %w", err)
	}
	for _, command := range [][]string{
		{python, "-m", "venv", folder},
		{filepath.Join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps",
			"-r", awsRequirements(repo)},
	} {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		engine.EndGently(cmd)
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", errors.Join(fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out))), os.RemoveAll(folder))
		}
	}
	return path, nil
}
