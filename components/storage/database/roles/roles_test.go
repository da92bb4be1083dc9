package roles

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

const (
	roleType     = "postgresql:index/role:Role"
	rightsType   = "postgresql:index/defaultPrivileges:DefaultPrivileges"
	schemaType   = "postgresql:index/schema:Schema"
	providerType = "pulumi:providers:postgresql"
	passwordType = "random:index/randomPassword:RandomPassword"
	readerType   = "aws:test/reader:Reader"
)

func args(rotation int) *Args {
	return &Args{
		Host: pulumi.String("db.example.com"), Port: 5432, Version: "17", Database: "dagster",
		Administrator: "dagster_admin", Password: pulumi.String("x"), Rotation: rotation,
	}
}

// build makes the roles, and something that reads the passwords.
func build(t *testing.T, rotation int, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	return record(t, args(rotation), options...)
}

func record(t *testing.T, a *Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	return pulumitest.Record(t, func(ctx *pulumi.Context) error {
		roles, err := New(ctx, "roles", a)
		if err != nil {
			return err
		}
		return ctx.RegisterResource(readerType, "reader", pulumi.Map{
			"user": pulumi.String(roles.User), "password": roles.Password, "migrator": roles.MigratorPassword,
		}, &pulumi.CustomResourceState{})
	}, options...)
}

func TestRolesHaveExactlyTheirRights(t *testing.T) {
	r := build(t, 1)
	if got, want := r.Names(roleType), []string{
		"roles-dagster_a", "roles-dagster_b", "roles-dagster_dml", "roles-dagster_migrator", "roles-dagster_owner",
	}; !slices.Equal(got, want) {
		t.Fatalf("got roles %v, want %v", got, want)
	}
	for name, group := range map[string]string{
		"dagster_a": "dagster_dml", "dagster_b": "dagster_dml", "dagster_migrator": "dagster_owner",
	} {
		role := r.One(t, roleType, "roles-"+name)
		if groups := role.Input("roles").([]any); role.Input("login") != true || len(groups) != 1 || groups[0] != group {
			t.Errorf("%s: login %v, member of %v", name, role.Input("login"), groups)
		}
		if role.Input("password") != "[secret]" {
			t.Errorf("%s: the password is not secret: %v", name, role.Input("password"))
		}
	}
	for _, name := range []string{"roles-dagster_dml", "roles-dagster_owner"} {
		if role := r.One(t, roleType, name); role.Input("login") != false || role.Input("password") != nil {
			t.Errorf("%s can log in", name)
		}
	}
	for _, role := range r.Of(roleType) {
		for _, power := range []string{"superuser", "createDatabase", "createRole", "replication", "bypassRowLevelSecurity"} {
			if role.Input(power) != nil {
				t.Errorf("%s has %s", role.Name, power)
			}
		}
	}
	tables := r.One(t, rightsType, "roles-table-rights")
	if got := tables.Input("privileges").([]any); len(got) != 4 || tables.Input("owner") != Owner || tables.Input("role") != dml {
		t.Errorf("rights on tables: %v", tables.Inputs)
	}
	if got := r.One(t, rightsType, "roles-sequence-rights").Input("privileges").([]any); len(got) != 2 {
		t.Errorf("rights on sequences: %v", got)
	}
}

// TestOnlyWhatBothProvidersKnowIsUsed keeps the program to what upstream's 1.7.1 and 1.26.0 both have.
func TestOnlyWhatBothProvidersKnowIsUsed(t *testing.T) {
	r := build(t, 1)
	for _, each := range r.All() {
		if !strings.HasPrefix(each.Type, "postgresql:") {
			continue
		}
		switch each.Type {
		case roleType, rightsType, schemaType:
		default:
			t.Errorf("%s is not in both", each.Type)
		}
		for _, input := range []string{"assumeRole", "passwordWo", "objects", "columns"} {
			if each.Input(input) != nil {
				t.Errorf("%s: %s is not in both", each.Name, input)
			}
		}
		if each.Provider != "roles-server" {
			t.Errorf("%s goes through provider %q", each.Name, each.Provider)
		}
	}
}

func TestRotationsAlternate(t *testing.T) {
	type state struct{ active, a, b any }
	for rotation, want := range map[int]state{
		1: {"dagster_a", "1", "0"}, 2: {"dagster_b", "1", "1"}, 3: {"dagster_a", "2", "1"}, 4: {"dagster_b", "2", "2"},
	} {
		r := build(t, rotation)
		generation := func(user string) any {
			return r.One(t, passwordType, "roles-"+user+"-password").Input("keepers").(map[string]any)["generation"]
		}
		active := r.One(t, readerType, "reader").Input("user")
		if got := (state{active, generation("dagster_a"), generation("dagster_b")}); got != want {
			t.Errorf("rotation %d: got %v, want %v", rotation, got, want)
		}
	}
}

func TestPasswordsAreSecretAndComeAfterTheRights(t *testing.T) {
	reader := build(t, 2).One(t, readerType, "reader")
	for _, input := range []string{"password", "migrator"} {
		if reader.Input(input) != "[secret]" {
			t.Errorf("%s is %v", input, reader.Input(input))
		}
	}
	if got := reader.Inputs["password"].SecretValue().Element.StringValue(); got != "password-of-roles-dagster_b-password" {
		t.Errorf("the active password is %s", got)
	}
	for _, first := range []string{"roles-table-rights", "roles-sequence-rights", "roles-dagster_b"} {
		if !slices.Contains(reader.Dependencies, first) {
			t.Errorf("a reader of the password does not wait for %s: %v", first, reader.Dependencies)
		}
	}
}

func TestSchemaFallsOnlyWithWhatIsNotProtected(t *testing.T) {
	loose := build(t, 1).One(t, schemaType, "roles-schema")
	if loose.Input("dropCascade") != true || loose.Protect == nil || *loose.Protect {
		t.Errorf("a schema of no consequence is held on to: %v", loose.Inputs)
	}
	a := args(1)
	a.Keep = component.Keep{Protect: true}
	kept := record(t, a).One(t, schemaType, "roles-schema")
	if kept.Input("dropCascade") != false || kept.Protect == nil || !*kept.Protect {
		t.Errorf("a protected schema can be dropped: %v", kept.Inputs)
	}
	if kept.Input("owner") != Owner {
		t.Errorf("the schema belongs to %v", kept.Input("owner"))
	}
}

func TestConnectionIsEncryptedAndNoSuperuser(t *testing.T) {
	server := build(t, 1).One(t, providerType, "roles-server")
	if server.Input("sslmode") != "require" || server.Input("superuser") != false {
		t.Errorf("got %v", server.Inputs)
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	build(t, 1, pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return args(1) }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Host: is required":          func(a *Args) { a.Host = nil },
		"Port: 0: too small":         func(a *Args) { a.Port = 0 },
		"Database: is required":      func(a *Args) { a.Database = "" },
		"Administrator: is required": func(a *Args) { a.Administrator = "" },
		"Password: is required":      func(a *Args) { a.Password = nil },
		"Rotation: 0":                func(a *Args) { a.Rotation = 0 },
	})
}
