package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheRolesOfAStackArePrintedAsJSON(t *testing.T) {
	var out strings.Builder
	if err := run([]string{"-stack", "prod"}, "..", &out); err != nil {
		t.Fatal(err)
	}
	var shown map[string]printed
	if err := json.Unmarshal([]byte(out.String()), &shown); err != nil {
		t.Fatal(err)
	}
	if role := shown["deploy"].Role; role != "asset-manager-prod-deploy" || len(shown["deploy"].Policies) < 2 {
		t.Errorf("the deploy role is %s with %d policies", role, len(shown["deploy"].Policies))
	}
	if _, there := shown["boundary"].Policies["asset-manager-prod-boundary"]; !there {
		t.Errorf("the boundary is not printed: %v", shown["boundary"])
	}
}

func TestEachPolicyIsWrittenIntoAFileOfItsName(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "policies")
	if err := run([]string{"-stack", "dev", "-dir", folder}, "..", os.Stdout); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"asset-manager-dev-boundary", "asset-manager-dev-deploy-1", "asset-manager-dev-preview-1"} {
		text, err := os.ReadFile(filepath.Join(folder, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Errorf("%s is no JSON", name)
		}
	}
}

func TestAnUnknownStackIsNamed(t *testing.T) {
	if err := run([]string{"-stack", "none"}, "..", os.Stdout); err == nil || !strings.Contains(err.Error(), "Pulumi.none.yaml") {
		t.Errorf("got %v", err)
	}
	if err := run(nil, "..", os.Stdout); err == nil || err.Error() != "-stack: is required" {
		t.Errorf("got %v", err)
	}
}
