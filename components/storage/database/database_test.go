package database

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/gateway"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/internal/pulumitest"
)

const (
	instanceType  = "aws:rds/instance:Instance"
	providerType  = "pulumi:providers:postgresql"
	ruleType      = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	replicaType   = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
	keyType       = "aws:kms/key:Key"
	logType       = "aws:cloudwatch/logGroup:LogGroup"
	schemaType    = "postgresql:index/schema:Schema"
	parameterType = "aws:rds/parameterGroup:ParameterGroup"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

func args(change func(*Args)) *Args {
	a := &Args{
		Location: here, Identifier: "asset-manager-dev", EngineVersion: "17", Rotation: 1,
		Network: Network{VpcID: pulumi.String("vpc-1"), SubnetIDs: pulumi.ToStringArray([]string{"subnet-1", "subnet-2"})},
		Size:    Size{InstanceClass: "db.t4g.micro", StorageGiB: 20},
		Backup:  Backup{Days: 7},
	}
	if change != nil {
		change(a)
	}
	return a
}

// protected is a database as production has it.
func protected(a *Args) {
	a.Protection = Protection{Keep: component.Keep{Protect: true}, DeletionProtection: true, FinalSnapshot: true}
	a.Size = Size{InstanceClass: "db.m7g.large", StorageGiB: 100, MaxStorageGiB: 500, MultiAz: true}
}

func build(t *testing.T, a *Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, New, "db", a, options...)
	return recorder
}

// buildReplicated is build with copies of the backups in a second region.
func buildReplicated(t *testing.T, a *Args) *pulumitest.Recorder {
	t.Helper()
	return pulumitest.Record(t, func(ctx *pulumi.Context) error {
		there, err := aws.NewProvider(ctx, "there", &aws.ProviderArgs{Region: pulumi.String("us-west-2")})
		if err != nil {
			return err
		}
		elsewhere := here
		elsewhere.Region = "us-west-2"
		a.Backup.Replica = &Replica{Location: elsewhere, Provider: there}
		_, err = New(ctx, "db", a)
		return err
	})
}

// good is what the refusals start from.
func good(*testing.T) *Args { return args(nil) }

func is(flag *bool, want bool) bool { return flag != nil && *flag == want }

func TestEverythingDescendsFromTheComponent(t *testing.T) {
	r := build(t, args(nil))
	for _, each := range r.All() {
		ofComponent := each.Parent == "db" || each.Parent == "db-roles"
		if each.Type != TypeToken && (!ofComponent || !strings.HasPrefix(each.Name, "db-")) {
			t.Errorf("%s %s has parent %q", each.Type, each.Name, each.Parent)
		}
	}
}

// buildBehindGateway is build with a gateway that leads to the database.
func buildBehindGateway(t *testing.T) *pulumitest.Recorder {
	t.Helper()
	spec := workloadtest.Spec(t, "daemon")
	spec.Secrets = nil
	return pulumitest.Record(t, func(ctx *pulumi.Context) error {
		way, err := gateway.New(ctx, "gateway", &gateway.Args{Spec: spec})
		if err != nil {
			return err
		}
		_, err = New(ctx, "db", args(func(a *Args) { a.Connection = Connection{Gateway: way, LocalPort: 15432} }))
		return err
	})
}

func TestWhatIsMadeInTheDatabaseComesThroughTheGatewayOnceItIsLetIn(t *testing.T) {
	r := buildBehindGateway(t)
	server := r.One(t, providerType, "db-roles-server")
	if server.Input("host") != "127.0.0.1" || server.Input("port") != 15432.0 {
		t.Errorf("the program connects to %v:%v", server.Input("host"), server.Input("port"))
	}
	for _, each := range r.All() {
		if !strings.HasPrefix(each.Type, "postgresql:") {
			continue
		}
		for _, when := range []string{"BeforeCreate", "BeforeUpdate"} {
			if !slices.Equal(each.Hooks[when], []string{"db-way"}) {
				t.Errorf("%s: %s are %v", each.Name, when, each.Hooks[when])
			}
		}
		if len(each.Hooks["BeforeDelete"]) > 0 {
			t.Errorf("%s asks a destroy for the program", each.Name)
		}
		for _, first := range []string{"gateway-definition", "db-instance-from-gateway", "db-instance-out-of-gateway"} {
			if !slices.Contains(each.Dependencies, first) {
				t.Errorf("%s does not wait for %s: %v", each.Name, first, each.Dependencies)
			}
		}
	}
}

func TestWhatIsInTheDatabaseGoesWithItAndTakesNoConnection(t *testing.T) {
	for _, each := range build(t, args(nil)).All() {
		if strings.HasPrefix(each.Type, "postgresql:") && each.DeletedWith != "db-instance" {
			t.Errorf("%s is deleted by itself", each.Name)
		}
	}
}

func TestNamedClientsAreLetIn(t *testing.T) {
	r := build(t, args(func(a *Args) { a.Clients = []Client{"10.9.0.0/16", "sg-0a1b2c3d"} }))
	if got := r.One(t, ruleType, "db-instance-from-10.9.0.0/16").Input("cidrIpv4"); got != "10.9.0.0/16" {
		t.Errorf("the range is %v", got)
	}
	if got := r.One(t, ruleType, "db-instance-from-sg-0a1b2c3d").Input("referencedSecurityGroupId"); got != "sg-0a1b2c3d" {
		t.Errorf("the group is %v", got)
	}
	if got := r.Names(ruleType); len(got) != 2 {
		t.Errorf("ingress rules are %v", got)
	}
}

func TestDevelopmentLeavesNothingBehind(t *testing.T) {
	r := build(t, args(nil))
	instance := r.One(t, instanceType, "db-instance")
	for input, want := range map[string]any{
		"deletionProtection": false, "skipFinalSnapshot": true, "deleteAutomatedBackups": true, "multiAz": false,
		"finalSnapshotIdentifier": nil, "maxAllocatedStorage": nil,
	} {
		if got := instance.Input(input); got != want {
			t.Errorf("%s is %v, want %v", input, got, want)
		}
	}
	if !is(instance.Protect, false) || !is(instance.Retain, false) {
		t.Error("protect and retain are not said explicitly")
	}
	if len(r.Of(replicaType)) != 0 {
		t.Error("backups are replicated")
	}
}

func TestProductionIsProtected(t *testing.T) {
	r := build(t, args(protected))
	instance := r.One(t, instanceType, "db-instance")
	for input, want := range map[string]any{
		"deletionProtection": true, "skipFinalSnapshot": false, "finalSnapshotIdentifier": "asset-manager-dev-final-0a1b2c3d",
		"deleteAutomatedBackups": false, "multiAz": true, "maxAllocatedStorage": 500.0,
	} {
		if got := instance.Input(input); got != want {
			t.Errorf("%s is %v, want %v", input, got, want)
		}
	}
	kept := append(append(r.Of(keyType), r.Of(logType)...), r.Of(schemaType)...)
	for _, each := range append(kept, instance) {
		if !is(each.Protect, true) || !is(each.Retain, each.Type == keyType) {
			t.Errorf("%s: protect or retain is not as asked", each.Name)
		}
	}
}

func TestKeysOutliveTheStackWhereWhatTheyEncryptDoes(t *testing.T) {
	for name, each := range map[string]struct {
		change func(*Args)
		main   bool
	}{
		"copies in the second region":                      {},
		"final snapshot and backups in either region, too": {change: protected, main: true},
	} {
		r := buildReplicated(t, args(each.change))
		for key, want := range map[string]bool{"db-key": each.main, "db-replica-key": true} {
			if !is(r.One(t, keyType, key).Retain, want) {
				t.Errorf("%s: %s outlives the stack: want %v", name, key, want)
			}
		}
		if alias := r.One(t, "aws:kms/alias:Alias", "db-key-alias"); alias.Retain != nil && *alias.Retain {
			t.Errorf("%s: the alias stays, so that the next stack of this name cannot make it", name)
		}
	}
}

func TestInstanceIsEncryptedHiddenAndWatched(t *testing.T) {
	instance := build(t, args(nil)).One(t, instanceType, "db-instance")
	for input, want := range map[string]any{
		"storageEncrypted": true, "publiclyAccessible": false, "storageType": "gp3", "engineVersion": "17",
		"performanceInsightsEnabled": true, "monitoringInterval": 60.0, "copyTagsToSnapshot": true,
		"autoMinorVersionUpgrade": true, "password": "[secret]", "username": "dagster_admin", "dbName": "dagster",
		"kmsKeyId": "arn:aws:kms:us-west-1:111122223333:key/db-key",
	} {
		if got := instance.Input(input); got != want {
			t.Errorf("%s is %v, want %v", input, got, want)
		}
	}
	for _, needed := range []string{"db-postgresql-log", "db-upgrade-log", "db-monitoring-policy"} {
		if !slices.Contains(instance.Dependencies, needed) {
			t.Errorf("the instance does not wait for %s: %v", needed, instance.Dependencies)
		}
	}
}

func TestTlsIsForced(t *testing.T) {
	r := build(t, args(nil))
	group := r.One(t, parameterType, "db-parameters")
	if group.Input("family") != "postgres17" {
		t.Errorf("got family %v", group.Input("family"))
	}
	values := map[any]any{}
	for _, each := range group.Input("parameters").([]any) {
		parameter := each.(map[string]any)
		values[parameter["name"]] = parameter["value"]
	}
	if values["rds.force_ssl"] != "1" || values["log_min_duration_statement"] != "1000" {
		t.Errorf("got parameters %v", values)
	}
	if got := r.One(t, providerType, "db-roles-server").Input("sslmode"); got != "require" {
		t.Errorf("the program connects with sslmode %v", got)
	}
}

func TestNobodyGetsInUnasked(t *testing.T) {
	r := build(t, args(nil))
	if rules := r.Of(ruleType); len(rules) != 0 {
		t.Errorf("somebody gets in: %v", rules)
	}
	group := r.One(t, "aws:ec2/securityGroup:SecurityGroup", "db-instance-group")
	if group.Input("ingress") != nil || group.Input("egress") != nil {
		t.Error("the group has inline rules, which fight those beside it")
	}
}

func TestUsersAreThoseOfTheRoles(t *testing.T) {
	_, database := pulumitest.Build(t, New, "db", args(func(a *Args) { a.Rotation = 2 }))
	if database.User != "dagster_b" || database.Migrator != "dagster_migrator" {
		t.Errorf("got user %s, migrator %s", database.User, database.Migrator)
	}
}

func TestTunnelReplacesTheAddressForTheProgramOnly(t *testing.T) {
	var address string
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		database, err := New(ctx, "db", args(func(a *Args) { a.Connection = Connection{Host: "127.0.0.1", Port: 15432} }))
		if err != nil {
			return err
		}
		return ctx.RegisterResource("aws:test/reader:Reader", "reader", pulumi.Map{"address": database.Address}, &pulumi.CustomResourceState{})
	})
	server := r.One(t, providerType, "db-roles-server")
	if server.Input("host") != "127.0.0.1" || server.Input("port") != 15432.0 {
		t.Errorf("the program connects to %v:%v", server.Input("host"), server.Input("port"))
	}
	if address, _ = r.One(t, "aws:test/reader:Reader", "reader").Input("address").(string); address != "db-instance.example.com" {
		t.Errorf("tasks would connect to %s", address)
	}
}

func TestBackupsAreCopiedUnderAKeyOfTheSecondRegion(t *testing.T) {
	r := buildReplicated(t, args(protected))
	replication := r.One(t, replicaType, "db-backup-replication")
	key := r.One(t, keyType, "db-replica-key")
	if replication.Provider != "there" || key.Provider != "there" {
		t.Errorf("the copy is made through %q, its key through %q", replication.Provider, key.Provider)
	}
	if replication.Input("kmsKeyId") != "arn:aws:kms:us-west-1:111122223333:key/db-replica-key" || !is(key.Protect, true) {
		t.Errorf("the copy's key: %v", replication.Input("kmsKeyId"))
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	r := build(t, args(protected), pulumitest.Unknown())
	if got := r.One(t, providerType, "db-roles-server").Input("host"); got != "[unknown]" {
		t.Errorf("the address is %v in a first preview", got)
	}
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location.":                             func(a *Args) { *a = Args{} },
		"Identifier: ":                          func(a *Args) { *a = Args{} },
		"EngineVersion: ":                       func(a *Args) { *a = Args{} },
		"Network.VpcID: is required":            func(a *Args) { *a = Args{} },
		"Size.InstanceClass: ":                  func(a *Args) { *a = Args{} },
		"Backup.Days: ":                         func(a *Args) { *a = Args{} },
		"Rotation: 0":                           func(a *Args) { *a = Args{} },
		"EngineVersion: \"15\": unknown":        func(a *Args) { a.EngineVersion = "15" },
		"Identifier: \"Asset\"":                 func(a *Args) { a.Identifier = "Asset" },
		"Name: \"My-Db\"":                       func(a *Args) { a.Name = "My-Db" },
		"Size.MaxStorageGiB: 21":                func(a *Args) { a.Size.MaxStorageGiB = 21 },
		"Size.StorageGiB: 5: too small":         func(a *Args) { a.Size.StorageGiB = 5 },
		"Size.InstanceClass: \"t4g.micro\"":     func(a *Args) { a.Size.InstanceClass = "t4g.micro" },
		"Backup.Days: 36: too large":            func(a *Args) { a.Backup.Days = 36 },
		"Backup.Replica.Location.Region: ":      func(a *Args) { a.Backup.Replica = &Replica{Location: here} },
		"Backup.Replica.Provider: is required":  func(a *Args) { a.Backup.Replica = &Replica{Location: here} },
		"Connection.Port: 70000":                func(a *Args) { a.Connection.Port = 70000 },
		"Protection.FinalSnapshot: is required": func(a *Args) { a.Protection.Keep.Protect = true },
	})
}
