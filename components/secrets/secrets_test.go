package secrets

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

const (
	parameterType = "aws:ssm/parameter:Parameter"
	keyType       = "aws:kms/key:Key"
	readerType    = "aws:test/reader:Reader"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

func args(*testing.T) *Args {
	return &Args{
		Location: here, NamePrefix: "asset-manager-dev", Path: "/asset-manager/dev",
		Parameters: []Parameter{
			{Name: "DAGSTER_PG_PASSWORD", Value: pulumi.String("one")},
			{Group: "migration", Name: "DAGSTER_PG_PASSWORD", Value: pulumi.String("two")},
			{Name: "API_KEY", Value: pulumi.String("three")},
		},
		Keep: component.Keep{Protect: true},
	}
}

func build(t *testing.T, options ...pulumitest.Option) (*pulumitest.Recorder, *Secrets) {
	t.Helper()
	var secrets *Secrets
	r := pulumitest.Record(t, func(ctx *pulumi.Context) (err error) {
		if secrets, err = New(ctx, "secrets", args(t)); err != nil {
			return err
		}
		inputs := pulumi.Map{}
		for name, arn := range secrets.List("") {
			inputs[name] = arn
		}
		return ctx.RegisterResource(readerType, "reader", inputs, &pulumi.CustomResourceState{})
	}, options...)
	return r, secrets
}

func TestEveryParameterIsEncryptedUnderTheOwnKey(t *testing.T) {
	r, _ := build(t)
	if got, want := r.Names(parameterType), []string{
		"secrets-API_KEY", "secrets-DAGSTER_PG_PASSWORD", "secrets-migration-DAGSTER_PG_PASSWORD",
	}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for _, parameter := range r.Of(parameterType) {
		if parameter.Input("type") != "SecureString" || parameter.Input("value") != "[secret]" || parameter.Parent != "secrets" {
			t.Errorf("%s: %v", parameter.Name, parameter.Inputs)
		}
		if got := parameter.Input("keyId"); got != "arn:aws:kms:us-west-1:111122223333:key/secrets-key" {
			t.Errorf("%s is encrypted with %v", parameter.Name, got)
		}
		if parameter.Input("insecureValue") != nil || parameter.Protect == nil || *parameter.Protect {
			t.Errorf("%s: insecure value, or protection that nobody asked for", parameter.Name)
		}
	}
	if got := r.One(t, parameterType, "secrets-migration-DAGSTER_PG_PASSWORD").Input("name"); got != "/asset-manager/dev/migration/DAGSTER_PG_PASSWORD" {
		t.Errorf("got name %v", got)
	}
	if key := r.One(t, keyType, "secrets-key"); key.Protect == nil || !*key.Protect || key.Input("enableKeyRotation") != true {
		t.Errorf("the key is not protected or not rotated: %v", key.Inputs)
	}
}

func TestGroupsSeeOnlyTheirOwn(t *testing.T) {
	r, secrets := build(t)
	reader := r.One(t, readerType, "reader")
	if got := reader.Input("DAGSTER_PG_PASSWORD"); got != "arn:aws:ssm:us-west-1:111122223333:parameter/asset-manager/dev/DAGSTER_PG_PASSWORD" {
		t.Errorf("got %v", got)
	}
	if got := len(secrets.List("migration")); got != 1 {
		t.Errorf("the migration sees %d secrets, want its own one", got)
	}
	if got := len(secrets.List("unknown")); got != 0 {
		t.Errorf("a group that is not there sees %d secrets", got)
	}
	delete(secrets.List(""), "API_KEY")
	if _, ok := secrets.List("")["API_KEY"]; !ok {
		t.Error("a list is not a copy")
	}
}

func TestNoSecretStandsInTheComponent(t *testing.T) {
	r, _ := build(t)
	registered := r.One(t, TypeToken, "secrets")
	for key, value := range registered.Inputs {
		if text := value.String(); strings.Contains(text, "one") || strings.Contains(text, "two") {
			t.Errorf("input %s holds a secret: %s", key, text)
		}
	}
}

func fingerprints(t *testing.T, edit func(*Args)) (own, migration string) {
	t.Helper()
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		a := args(t)
		edit(a)
		secrets, err := New(ctx, "secrets", a)
		if err != nil {
			return err
		}
		return ctx.RegisterResource(readerType, "reader", pulumi.Map{
			"own": secrets.Fingerprint(""), "migration": secrets.Fingerprint("migration"), "none": secrets.Fingerprint("none"),
		}, &pulumi.CustomResourceState{})
	})
	reader := r.One(t, readerType, "reader")
	if reader.Input("none") != "" {
		t.Errorf("a group that is not there has the fingerprint %v", reader.Input("none"))
	}
	own, _ = reader.Input("own").(string)
	migration, _ = reader.Input("migration").(string)
	return own, migration
}

func TestFingerprintChangesWithEachValueOfItsGroupAndWithNothingElse(t *testing.T) {
	own, migration := fingerprints(t, func(*Args) {})
	if len(own) != 16 || len(migration) != 16 || own == migration {
		t.Fatalf("got %q and %q", own, migration)
	}
	seen := map[string]string{own: "nothing"}
	for what, edit := range map[string]func(*Args){
		"one of several":     func(a *Args) { a.Parameters[2].Value = pulumi.String("four") },
		"another of several": func(a *Args) { a.Parameters[0].Value = pulumi.String("four") },
		"values exchanged": func(a *Args) {
			a.Parameters[0].Value, a.Parameters[2].Value = a.Parameters[2].Value, a.Parameters[0].Value
		},
		"a value's part in the next one": func(a *Args) { a.Parameters[2].Value = pulumi.String("three\" \"DAGSTER_PG_PASSWORD\" \"one") },
		"one more":                       func(a *Args) { a.Parameters = append(a.Parameters, Parameter{Name: "B", Value: pulumi.String("")}) },
	} {
		got, other := fingerprints(t, edit)
		if same, ok := seen[got]; ok {
			t.Errorf("%s changed and the fingerprint is that of %s", what, same)
		}
		if other != migration {
			t.Errorf("%s changed the fingerprint of another group", what)
		}
		seen[got] = what
	}
	if again, _ := fingerprints(t, func(a *Args) { slices.Reverse(a.Parameters) }); again != own {
		t.Error("the order of the parameters changes the fingerprint")
	}
}

func TestFingerprintIsKeyedSoThatNoGuessOfAValueCanBeChecked(t *testing.T) {
	values := []any{"API_KEY", "three"}
	if fingerprint(append([]any{"one key"}, values...)) == fingerprint(append([]any{"another"}, values...)) {
		t.Error("the key is of no consequence")
	}
	r, _ := build(t)
	if key := r.One(t, "random:index/randomPassword:RandomPassword", "secrets-fingerprint-password"); key.Input("length") != 40.0 {
		t.Errorf("the key has the length %v", key.Input("length"))
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	r, _ := build(t, pulumitest.Unknown())
	if got := r.One(t, readerType, "reader").Input("DAGSTER_PG_PASSWORD"); got != "[unknown]" {
		t.Errorf("the ARN is %v in a first preview", got)
	}
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, New, args, map[string]func(*Args){
		"NamePrefix: is required":                           func(a *Args) { *a = Args{} },
		"Location.":                                         func(a *Args) { *a = Args{} },
		"Path: is required":                                 func(a *Args) { *a = Args{} },
		"Parameters: at least one":                          func(a *Args) { *a = Args{} },
		"Path: \"/asset-manager/\"":                         func(a *Args) { a.Path = "/asset-manager/" },
		"Parameters[0].Name: \"A-B\"":                       func(a *Args) { a.Parameters[0].Name = "A-B" },
		"Parameters[1].Group: \"A/B\"":                      func(a *Args) { a.Parameters[1].Group = "A/B" },
		"Parameters[0].Value: is required":                  func(a *Args) { a.Parameters[0].Value = nil },
		"Parameters[2]: DAGSTER_PG_PASSWORD is there twice": func(a *Args) { a.Parameters[2].Name = "DAGSTER_PG_PASSWORD" },
	})
}
