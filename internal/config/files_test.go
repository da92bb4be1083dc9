package config

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"dagster-ecs/internal/rules"
)

func root(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		t.Fatalf("read settings: %v", err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
}

// declared is a key of the project file.
type declared struct {
	Type, Description string
	Default           any
	Secret            bool
}

func projectFile(t *testing.T) map[string]declared {
	t.Helper()
	var file struct {
		Name   string
		Config map[string]declared
	}
	root(t, "Pulumi.yaml", &file)
	keys := map[string]declared{}
	for key, each := range file.Config {
		if !strings.Contains(key, ":") {
			keys[file.Name+":"+key] = each
		}
	}
	return keys
}

func TestProjectFileDeclaresExactlyTheSettings(t *testing.T) {
	declarations := projectFile(t)
	var ours []string
	for _, top := range TopLevels() {
		key := top.Key
		if !strings.HasPrefix(key, project) {
			continue
		}
		ours = append(ours, key)
		each, there := declarations[key]
		if !there || each.Description == "" {
			t.Errorf("%s: Pulumi.yaml declares %+v without a description", key, each)
		}
		if each.Type != "" || each.Default == nil {
			t.Errorf("%s: Pulumi.yaml has the type %q and the default %v: the CLI stops at the first setting of another type, and where "+
				"one is missing, and nobody sees the rest", key, each.Type, each.Default)
		}
		if each.Default != nil && !emptyDefault(each.Default) && !defaultOfBoth(top, each.Default) {
			t.Errorf("%s: Pulumi.yaml has the default %v; defaults stand in Defaults", key, each.Default)
		}
		if each.Secret && each.Default != nil {
			t.Errorf("%s: the CLI refuses a default beside the mark of a secret", key)
		}
	}
	if got := slices.Sorted(maps.Keys(declarations)); !slices.Equal(got, slices.Sorted(slices.Values(ours))) {
		t.Errorf("Pulumi.yaml declares %v, the program knows %v", got, ours)
	}
}

// emptyDefault tells a default that leaves the setting to the profile.
func emptyDefault(value any) bool {
	return value == "" || reflect.DeepEqual(value, map[string]any{})
}

// defaultOfBoth tells a boolean's default, which has no empty value, where it is that of either profile.
func defaultOfBoth(top TopLevel, value any) bool {
	for _, profile := range []Profile{ProfileDev, ProfileProd} {
		if got := top.of(reflect.ValueOf(Defaults(profile))); got.Kind() != reflect.Bool || got.Interface() != value {
			return false
		}
	}
	return true
}

// stackFile reads a real stack file together with the defaults of the project file, as the CLI does.
func stackFile(t *testing.T, stack string) (Settings, error) {
	t.Helper()
	all := values{}
	for key, each := range projectFile(t) {
		if each.Default != nil {
			all[key] = each.Default
		}
	}
	var file struct{ Config values }
	root(t, "Pulumi."+stack+".yaml", &file)
	return Parse(all.with(file.Config).source(), stack)
}

func TestDevFileIsCheap(t *testing.T) {
	s, err := stackFile(t, "dev")
	if err != nil {
		t.Fatal(err)
	}
	if s.Profile != ProfileDev || s.Protect || s.Network.Nat == rules.NatPerZone || s.Database.MultiAz || s.ReplicaRegion != "" {
		t.Errorf("dev: %+v", s)
	}
	if s.Runs.OnDemandWeight != 0 || s.Runs.SpotWeight == 0 {
		t.Errorf("runs of dev are not on Spot: %+v", s.Runs)
	}
}

func TestProdFileHasTheGuidesValues(t *testing.T) {
	s, err := stackFile(t, "prod")
	if err != nil {
		t.Fatal(err)
	}
	w, d, r := s.Webserver, s.Daemon, s.Runs
	if s.Region != "us-west-1" || s.Prefix != "asset-manager" || s.StackInNames || s.Cluster.Name != "fulcrum-cluster" {
		t.Errorf("places and names: %+v", s)
	}
	if w.CPU != 512 || w.Memory != 1024 || w.MinInstances != 1 || w.MaxInstances != 2 || w.Access != rules.AccessInternal {
		t.Errorf("webserver: %+v", w)
	}
	if d.CPU != 512 || d.Memory != 1024 || r.CPU != 512 || r.Memory != 1024 || r.MaxConcurrent != 25 {
		t.Errorf("daemon %+v, runs %+v", d, r)
	}
	if !s.Protect || s.ReplicaRegion != "us-west-2" || !s.Bucket.Replicate || !s.Database.ReplicateBackups || w.CertificateArn == "" {
		t.Errorf("protection and copies: %+v", s)
	}
}

func TestBothFilesNameTheApplicationServices(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		s, err := stackFile(t, stack)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{
			"STORY_MANAGER_SERVER_HOST", "ANALYSIS_MANAGER_SERVER_HOST", "QUERY_MANAGER_SERVER_HOST", "INSIGHTS_BACKEND_SERVER_HOST",
		} {
			if !strings.HasPrefix(s.Environment[name], "https://") {
				t.Errorf("%s: %s is %q", stack, name, s.Environment[name])
			}
		}
	}
}
