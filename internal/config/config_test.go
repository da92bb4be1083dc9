package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// values are what a stack sets, by full key.
type values map[string]any

// least are the keys that every stack must set.
func least(profile Profile) values {
	v := values{
		"aws:region":      "us-west-1",
		"dagster:account": "111122223333",
		"dagster:profile": string(profile),
		"dagster:image":   "example.com/asset-manager:1.0.0",
		"dagster:code":    values{"module": "asset_manager.definitions"},
	}
	if profile == ProfileProd {
		v["dagster:replicaRegion"] = "us-west-2"
		v["dagster:webserver"] = values{"certificateArn": certificate}
	}
	return v
}

const certificate = "arn:aws:acm:us-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"

// with adds to a copy.
func (v values) with(more values) values {
	all := maps.Clone(v)
	maps.Copy(all, more)
	return all
}

// source stores values as Pulumi does: a text as it stands, all else as JSON.
func (v values) source(secret ...string) Source {
	return Source{
		Get: func(key string) (string, bool) {
			value, ok := v[key]
			if text, is := value.(string); is {
				return text, ok
			}
			encoded, err := json.Marshal(value)
			return string(encoded), ok && err == nil
		},
		IsSecret: func(key string) bool { return slices.Contains(secret, key) },
		Keys:     slices.Collect(maps.Keys(v)),
	}
}

func TestLeastIsEnoughAndGivesDefaults(t *testing.T) {
	for _, profile := range []Profile{ProfileDev, ProfileProd} {
		got, err := Parse(least(profile).source(), "one")
		if err != nil {
			t.Fatalf("%s: %v", profile, err)
		}
		want := Defaults(profile)
		want.Stack, want.Region, want.Account = "one", "us-west-1", "111122223333"
		want.Image, want.Code.Module = "example.com/asset-manager:1.0.0", "asset_manager.definitions"
		if profile == ProfileProd {
			want.ReplicaRegion, want.Webserver.CertificateArn = "us-west-2", certificate
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", profile, got, want)
		}
	}
}

func TestObjectsAreMergedFieldByField(t *testing.T) {
	got, err := Parse(least(ProfileProd).with(values{
		"dagster:database": values{"rotation": 3, "replicateBackups": false},
		"dagster:bucket":   values{"computeLogDays": 0},
		"dagster:runs":     values{"maxRetries": 0, "tagLimits": []values{{"key": "team", "perValue": true, "limit": 2}}},
		"dagster:protect":  "false",
	}).source(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	if d := got.Database; d.Rotation != 3 || d.ReplicateBackups || !d.MultiAz || d.BackupDays != 14 {
		t.Errorf("database: %+v", d)
	}
	if got.Bucket.ComputeLogDays != 0 || got.Runs.MaxRetries != 0 || got.Protect {
		t.Errorf("a zero or false that is set became a default: %+v", got)
	}
	if want := []TagLimit{{Key: "team", PerValue: true, Limit: 2}}; !slices.Equal(got.Runs.TagLimits, want) {
		t.Errorf("tag limits: %+v", got.Runs.TagLimits)
	}
}

func TestProdIsProtectedAndRedundantAndDevIsNot(t *testing.T) {
	prod, dev := Defaults(ProfileProd), Defaults(ProfileDev)
	if d := prod.Database; !prod.Protect || !d.MultiAz || !d.DeletionProtection || !d.FinalSnapshot || !d.ReplicateBackups {
		t.Errorf("prod: %+v", prod)
	}
	if d := dev.Database; dev.Protect || d.MultiAz || d.DeletionProtection || d.FinalSnapshot || !dev.Bucket.ForceDestroy {
		t.Errorf("dev: %+v", dev)
	}
	if prod.Network.Nat != NatPerZone || prod.Bucket.ForceDestroy || !prod.Bucket.Replicate || prod.Cluster.Exec {
		t.Errorf("prod: %+v", prod)
	}
}

func TestSecretsAreKeptFromPrinting(t *testing.T) {
	given := least(ProfileDev).with(values{"dagster:secrets": values{"API_TOKEN": "hunter2"}})
	got, err := Parse(given.source("dagster:secrets"), "dev")
	if err != nil {
		t.Fatal(err)
	}
	if got.Secrets["API_TOKEN"].Reveal() != "hunter2" {
		t.Error("the secret did not arrive")
	}
	encoded, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", got, got, got, got.Secrets), string(encoded)} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("the secret is printed: %s", shown)
		}
	}
}

func TestRefusedSecretsAreNotShown(t *testing.T) {
	for says, raw := range map[string]any{
		"dagster:secrets: is no object": "hunter2",
		"dagster:secrets.A: is no text": values{"A": values{"hunter2": "hunter2"}},
		"dagster:secrets.DAGSTER_X: begins with DAGSTER_: such variables are managed by the program":   values{"DAGSTER_X": "hunter2"},
		"dagster:secrets.A: has 0 bytes, 1 to 4096 are allowed":                                        values{"A": ""},
		"dagster:secrets.A-B: is no name of an environment variable (letters, digits and underscores)": values{"A-B": "hunter2"},
	} {
		_, err := Parse(least(ProfileDev).with(values{"dagster:secrets": raw}).source("dagster:secrets"), "dev")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %s", err, says)
		}
	}
}

func TestAllProblemsComeAtOnce(t *testing.T) {
	_, err := Parse(values{"dagster:webserver": values{"cpu": 300, "colour": "red"}, "dagster:daemno": "1"}.source(), "My_Stack")
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		t.Fatalf("got %v", err)
	}
	want := []string{
		"dagster:webserver.colour: is no setting; there are ", "dagster:daemno: is no setting; there are ", `stack "My_Stack": `,
		"aws:region: is required", "dagster:account: is required", `dagster:profile: "": unknown; dev and prod are allowed`,
		"dagster:image: is required", "dagster:code.module: is required",
		"dagster:webserver.cpu: 300 is not a Fargate CPU size (256, 512, 1024, 2048, 4096, 8192, 16384)",
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d problems:\n%v", len(lines), err)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("got %s, want %s", line, want[i])
		}
	}
}

func TestParsingIsDeterministic(t *testing.T) {
	wrong := least(ProfileDev).with(values{
		"dagster:environment": values{"B_TOKEN": "1", "AWS_X": "2", "PGUSER": "3", "a b": "4", "Z_SECRET": "5"},
		"dagster:x":           "1", "dagster:y": "2",
	})
	_, first := Parse(wrong.source(), "dev")
	for range 50 {
		if _, again := Parse(wrong.source(), "dev"); again.Error() != first.Error() {
			t.Fatalf("got\n%v\nand\n%v", first, again)
		}
	}
}

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
	target := reflect.TypeFor[Settings]()
	kinds := map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Struct: "object", reflect.Map: "object",
	}
	var ours []string
	for i, key := range Keys() {
		if !strings.HasPrefix(key, project) {
			continue
		}
		ours = append(ours, key)
		each, there := declarations[key]
		if kind := kinds[target.FieldByIndex(topLevel[i]).Type.Kind()]; !there || each.Type != kind || each.Description == "" {
			t.Errorf("%s: Pulumi.yaml declares %+v, want a described %s", key, each, kind)
		}
		if each.Secret && each.Default != nil {
			t.Errorf("%s: the CLI refuses a default beside the mark of a secret", key)
		}
	}
	if got := slices.Sorted(maps.Keys(declarations)); !slices.Equal(got, slices.Sorted(slices.Values(ours))) {
		t.Errorf("Pulumi.yaml declares %v, the program knows %v", got, ours)
	}
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
	if s.Profile != ProfileDev || s.Protect || s.Network.Nat == NatPerZone || s.Database.MultiAz || s.ReplicaRegion != "" {
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
	if s.Region != "us-west-1" || s.Prefix != "asset-manager" || s.Cluster.Name != "fulcrum-cluster" {
		t.Errorf("places and names: %+v", s)
	}
	if w.Cpu != 512 || w.Memory != 1024 || w.MinInstances != 1 || w.MaxInstances != 2 || w.Access != AccessInternal {
		t.Errorf("webserver: %+v", w)
	}
	if d.Cpu != 512 || d.Memory != 1024 || r.Cpu != 512 || r.Memory != 1024 || r.MaxConcurrent != 25 {
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

func FuzzParse(f *testing.F) {
	for key := range least(ProfileProd) {
		f.Add(key, `{"cpu": 1}`, "dev", false)
	}
	f.Add("dagster:secrets", `{"A": [null, {}]}`, "", true)
	f.Add("dagster:runs", `{"tagLimits": [{"limit": 1e99}, null, 3]}`, "a-b", false)
	f.Add("dagster:network", `{"cidr": "::/0", "zones": -9223372036854775808}`, "dev", false)
	f.Add("dagster:environment", `{"\u0000": "x"} {}`, "dev", true)
	f.Fuzz(func(t *testing.T, key, raw, stack string, secret bool) {
		given := least(ProfileProd).with(values{key: raw})
		var secrets []string
		if secret {
			secrets = append(secrets, key)
		}
		settings, err := Parse(given.source(secrets...), stack)
		if err == nil && settings.validate() != nil {
			t.Errorf("wrong settings were accepted: %v", settings.validate())
		}
		if err != nil && !reflect.DeepEqual(settings, Settings{}) {
			t.Errorf("settings came with an error: %+v", settings)
		}
	})
}
