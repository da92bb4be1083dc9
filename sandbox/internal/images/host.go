package images

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pipSettings are pip's settings about where packages come from (pip's "Configuration"): key of the configuration
// file to environment variable.
var pipSettings = map[string]string{
	"index-url":       "PIP_INDEX_URL",
	"extra-index-url": "PIP_EXTRA_INDEX_URL",
	"trusted-host":    "PIP_TRUSTED_HOST",
	"find-links":      "PIP_FIND_LINKS",
	"timeout":         "PIP_DEFAULT_TIMEOUT",
}

// certificateVariables name a file of certificates, the most specific first.
var certificateVariables = []string{"PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"}

// certificateFiles are where the certificates of a Linux system lie.
var certificateFiles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// hostSecrets writes pip's settings and the certificates of this machine into dir and returns the arguments of
// `build` that lend them to it. Being secrets of the build, they are in no layer of the image.
func hostSecrets(dir string) ([]string, error) {
	certificates := firstFile(os.Getenv)
	config := filepath.Join(dir, "pip.conf")
	texts := readAll(pipConfigFiles(os.Getenv))
	if err := os.WriteFile(config, pipConfig(texts, os.Getenv, certificates != ""), 0o600); err != nil {
		return nil, fmt.Errorf("write pip's settings for the build: %w", err)
	}
	args := []string{"--secret", "id=pip.conf,src=" + config}
	if certificates != "" {
		args = append(args, "--secret", "id=ca.pem,src="+certificates)
	}
	return args, nil
}

// firstFile finds the machine's file of certificates; "" when there is none.
func firstFile(getenv func(string) string) string {
	var candidates []string
	for _, name := range certificateVariables {
		candidates = append(candidates, getenv(name))
	}
	for _, path := range slices.Concat(candidates, certificateFiles) {
		if info, err := os.Stat(path); path != "" && err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// pipConfigFiles are pip's configuration files in the order in which pip reads them.
func pipConfigFiles(getenv func(string) string) []string {
	home, config := getenv("HOME"), getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	return []string{"/etc/pip.conf", filepath.Join(home, ".pip/pip.conf"), filepath.Join(config, "pip/pip.conf"),
		getenv("PIP_CONFIG_FILE")}
}

// readAll reads the files that exist.
func readAll(paths []string) []string {
	var texts []string
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			texts = append(texts, string(text))
		}
	}
	return texts
}

// pipConfig renders the configuration file for the build: what the machine's files say, then what its environment
// says. Folders of this machine are left out, since the build does not see them.
func pipConfig(texts []string, getenv func(string) string, certificates bool) []byte {
	values := map[string]string{}
	for _, text := range texts {
		maps.Copy(values, globalSection(text))
	}
	kept := map[string]string{}
	for key, variable := range pipSettings {
		value := values[key]
		if fromEnvironment := getenv(variable); fromEnvironment != "" {
			value = fromEnvironment
		}
		if key == "find-links" {
			value = onlyURLs(value)
		}
		if value != "" {
			kept[key] = value
		}
	}
	if certificates {
		kept["cert"] = "/run/secrets/ca.pem"
	}
	lines := "[global]\n"
	for _, key := range sortedNames(kept) {
		lines += key + " = " + strings.Join(strings.Fields(kept[key]), "\n  ") + "\n"
	}
	return []byte(lines)
}

// globalSection reads the section [global] of a configuration file; a value may go on in indented lines.
func globalSection(text string) map[string]string {
	values := map[string]string{}
	section, key := "", ""
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case trimmed[0] == '[':
			section, key = strings.Trim(trimmed, "[]"), ""
		case section != "global":
		case line[0] == ' ' || line[0] == '\t':
			if key != "" {
				values[key] += "\n" + trimmed
			}
		default:
			name, value, _ := strings.Cut(trimmed, "=")
			key = strings.ReplaceAll(strings.TrimSpace(name), "_", "-")
			values[key] = strings.TrimSpace(value)
		}
	}
	return values
}

func onlyURLs(value string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(value), func(part string) bool {
		return !strings.Contains(part, "://")
	}), " ")
}

func sortedNames(values map[string]string) []string { return slices.Sorted(maps.Keys(values)) }
