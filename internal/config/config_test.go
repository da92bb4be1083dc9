package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// values are what a stack sets, by full key.
type values map[string]any

// least are the keys that every stack must set.
func least(profile Profile) values {
	v := values{
		"aws:region":      "us-west-1",
		"dagster:account": "111122223333",
		"dagster:profile": string(profile),
		"dagster:protect": fmt.Sprint(profile == ProfileProd),
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
	if prod.Network.Nat != rules.NatPerZone || prod.Bucket.ForceDestroy || !prod.Bucket.Replicate {
		t.Errorf("prod: %+v", prod)
	}
}

func TestADeploymentIsTakenBackByAlarmsInProdWhereECSKnowsOfThem(t *testing.T) {
	inGovCloud := values{
		"aws:region": "us-gov-west-1", "dagster:replicaRegion": "us-gov-east-1",
		"dagster:webserver": values{"certificateArn": strings.Replace(strings.Replace(certificate, "aws:", "aws-us-gov:", 1), "us-west-1", "us-gov-west-1", 1)},
	}
	for _, c := range []struct {
		profile Profile
		with    values
		want    bool
	}{
		{ProfileDev, nil, false},
		{ProfileProd, nil, true},
		{ProfileProd, inGovCloud, false},
		{ProfileProd, inGovCloud.with(values{"dagster:monitoring": values{"rollback": true}}), true},
	} {
		got, err := Parse(least(c.profile).with(c.with).source(), "one")
		if err != nil || got.Monitoring.Rollback != c.want {
			t.Errorf("%s with %v: %t, %v", c.profile, c.with, got.Monitoring.Rollback, err)
		}
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

func TestAllProblemsComeAtOnce(t *testing.T) {
	_, err := Parse(values{"dagster:webserver": values{"cpu": 300, "color": "red"}, "dagster:daemno": "1"}.source(), "My_Stack")
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		t.Fatalf("got %v", err)
	}
	want := []string{
		"dagster:protect: is required; ", "dagster:webserver.color: is unknown; ", "dagster:daemno: is unknown; ", `stack: "My_Stack": `,
		"aws:region: is required", "dagster:account: is required", "dagster:profile: is required; dev and prod are allowed",
		"dagster:image: is required", "dagster:code.module: is required",
		"dagster:webserver.cpu: 300: Fargate has no such CPU size; ",
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

func TestChecksAreAskedWithTheRulesAndSeeNoRefusedValue(t *testing.T) {
	wrong := least(ProfileDev).with(values{
		"dagster:runs":     values{"maxConcurrent": 0, "maxRetries": 3, "unknown": 1, "tagLimits": []values{{"key": "a", "limit": -1}}},
		"dagster:prefix":   "A",
		"dagster:daemon":   "x",
		"dagster:database": values{"connection": values{"via": "direct", "host": "a b", "port": 1}},
		"dagster:image":    "A",
	})
	_, withoutChecks := Parse(wrong.source(), "dev")
	check := func(s Settings) error {
		r, d := s.Runs, s.Database.Connection
		if r.MaxConcurrent != 5 || r.MaxRetries != 3 || r.TagLimits != nil || s.Prefix != "asset-manager" || s.Daemon.CPU != 512 ||
			d.Host != "" || d.Port != 1 || s.Image != "" {
			t.Errorf("the check saw %+v", s)
		}
		return errors.New("dagster:runs.tagLimits: too many")
	}
	again := func(Settings) error {
		return errors.New("dagster:runs.maxConcurrent: 0: too small; 1 to 1000 is allowed")
	}
	_, err := Parse(wrong.source(), "dev", check, again)
	if want := withoutChecks.Error() + "\ndagster:runs.tagLimits: too many"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCheckAloneRefuses(t *testing.T) {
	settings, err := Parse(least(ProfileDev).source(), "dev", func(Settings) error { return errors.New("dagster:image: wrong") })
	if err == nil || err.Error() != "dagster:image: wrong" || !reflect.DeepEqual(settings, Settings{}) {
		t.Errorf("got %v with %+v", err, settings)
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
		var list problems.List
		settings.validate(&list)
		if err == nil && list.Err() != nil {
			t.Errorf("wrong settings were accepted: %v", list.Err())
		}
		if err != nil && !reflect.DeepEqual(settings, Settings{}) {
			t.Errorf("settings came with an error: %+v", settings)
		}
	})
}
