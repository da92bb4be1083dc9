package tools

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// providerVariable names the upstream AWS provider's program, or a folder in Terraform's mirror layout, where none of
// the usual folders has it.
const providerVariable = "SANDBOX_TERRAFORM_MIRROR"

const upstreamVersion = "5.100.0"

// findUpstream looks for terraform-provider-aws in the folders that Terraform itself takes for mirrors
// (https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories), in any folder
// directly under /opt, and where a variable says.
func findUpstream() (string, error) {
	var looked []string
	for _, mirror := range mirrors(os.Getenv, "/opt") {
		if info, err := os.Stat(mirror); err == nil && !info.IsDir() {
			return mirror, nil
		}
		pattern := filepath.Join(mirror, "registry.terraform.io", "hashicorp", "aws", upstreamVersion,
			runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws*")
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("look for the upstream provider in %s: %w", mirror, err)
		}
		if len(found) > 0 {
			return found[0], nil
		}
		looked = append(looked, mirror)
	}
	return "", notFound(looked)
}

func notFound(looked []string) error {
	return fmt.Errorf("find terraform-provider-aws %s in %s: run `pulumi plugin install resource aws %s`, "+
		"or `terraform providers mirror` into a folder and name it by %s",
		upstreamVersion, strings.Join(looked, ", "), plugins[0].version, providerVariable)
}

func mirrors(getenv func(string) string, opt string) []string {
	var folders []string
	for _, variable := range []string{providerVariable, "TF_PLUGIN_MIRROR_DIR", "TF_PLUGIN_CACHE_DIR"} {
		if folder := getenv(variable); folder != "" {
			folders = append(folders, folder)
		}
	}
	if home := getenv("HOME"); home != "" {
		folders = append(folders, filepath.Join(home, ".terraform.d", "plugins"), filepath.Join(home, ".local/share/terraform/plugins"))
	}
	folders = append(folders, "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
	entries, err := os.ReadDir(opt)
	if err != nil {
		return folders
	}
	for _, entry := range entries {
		if entry.IsDir() {
			folders = append(folders, filepath.Join(opt, entry.Name()))
		}
	}
	return folders
}
