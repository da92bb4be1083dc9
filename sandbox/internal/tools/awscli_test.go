package tools

import "testing"

func TestOnlyReleasesThatReadTheEndpointFromTheEnvironmentAreSafe(t *testing.T) {
	for said, want := range map[string]bool{
		"aws-cli/1.22.34 Python/3.10.6 Linux/6.1 botocore/1.27.59":    false,
		"aws-cli/1.29.0 Python/3.11.2 Linux/6.1 botocore/1.31.0":      true,
		"aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64":        false,
		"aws-cli/2.12.7 Python/3.11.4 Linux/6.1 exe/x86_64":           false,
		"aws-cli/2.13.0 Python/3.11.4 Linux/6.1 exe/x86_64.debian.12": true,
		"something else": false,
	} {
		if version, safe := parseAWSVersion(said); safe != want {
			t.Errorf("%s counts as safe: %v", version, safe)
		}
	}
}
