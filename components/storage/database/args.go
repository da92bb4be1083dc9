package database

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/gateway"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args say what database to build.
type Args struct {
	// Location is where the instance is built; required.
	Location component.Location
	// Identifier is the instance's name and begins the names around it, such as asset-manager-dev; required, at most 40
	// characters. Changing it replaces the instance.
	Identifier string
	// Name is the database inside the instance. Default dagster. Changing it replaces the instance.
	Name string
	// EngineVersion is the major version of PostgreSQL, 16 or 17; required. Minor ones follow in the maintenance window.
	EngineVersion rules.PostgresVersion
	// Network is where the instance stands.
	Network Network
	// Size says how large it is.
	Size Size
	// Backup says how it is saved.
	Backup Backup
	// Logs says how its logs are kept.
	Logs Logs
	// Rotation counts password rotations from 1; required. Adding one gives the idle user a new password and makes it
	// the active one.
	Rotation int
	// Connection is how the program itself reaches the database. Default: at the instance's own address.
	Connection Connection
	// Clients are who may connect beside the workloads, which add their own rules. Default nobody.
	Clients []Client
	// Protection says what keeps the data from being deleted.
	Protection Protection
}

// Network is where the instance stands.
type Network struct {
	// VpcID is the VPC of the security group; required.
	VpcID pulumi.StringInput
	// SubnetIDs are subnets in two zones at least, without a route to the internet; required.
	SubnetIDs pulumi.StringArrayInput
}

// Size says how large the instance is.
type Size struct {
	// InstanceClass is such as db.t4g.micro; required. Its memory bounds the connections.
	InstanceClass string
	// StorageGiB is the disk at creation, 20 at least; required. It never shrinks.
	StorageGiB int
	// MaxStorageGiB is up to where the disk grows by itself, a tenth above StorageGiB at least. Default 0: it does not.
	MaxStorageGiB int
	// MultiAz keeps a standby in a second zone. Default false.
	MultiAz bool
}

// Backup says how the data are saved.
type Backup struct {
	// Days is how far back every second can be restored, 1 to 35; required.
	Days int
	// Replica copies the backups to a second region. Nil: no copies.
	Replica *Replica
}

// Replica is the second region.
type Replica struct {
	// Location is the second region; required.
	Location component.Location
	// Provider is the AWS provider of that region; required.
	Provider pulumi.ProviderResource
}

// Logs says how logs are kept.
type Logs struct {
	// RetentionDays is how long they are kept, a period that CloudWatch Logs offers. Default 30.
	RetentionDays int
}

// Connection is how the program itself reaches the database.
type Connection struct {
	// Gateway leads to the database from outside of its network; the database lets it in. Default nil: the program connects
	// by itself.
	Gateway *gateway.Gateway
	// LocalPort is the TCP port of this machine that leads through the gateway; required with it.
	LocalPort int
	// Host is a host name or an address to connect to without a gateway. Default: the instance's own.
	Host string
	// Port is a TCP port for it. Default: the instance's own.
	Port int
}

// Client is who may connect to the database: an IPv4 range, or the id of a security group.
type Client string

// Protection says what keeps the data from being deleted.
type Protection struct {
	// Keep is what the engine refuses to delete. It also holds for the keys.
	Keep component.Keep
	// DeletionProtection makes AWS refuse to delete the instance. Default false.
	DeletionProtection bool
	// FinalSnapshot takes a snapshot, <identifier>-final-<random>, before the instance is deleted, keeps the automated
	// backups, and leaves the keys of both in AWS. Default false.
	FinalSnapshot bool
}

const (
	port                 = 5432
	defaultName          = "dagster"
	defaultRetentionDays = 30
	// slowMilliseconds is from which duration on a statement is logged.
	slowMilliseconds = 1000
	// masterUser is the instance's administrator; admin and postgres would be what is tried first.
	masterUser = "dagster_admin"
)

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Take("Location", a.Location.Validate())
	p.Take("Identifier", rules.DatabaseIdentifier(a.Identifier))
	p.Take("Name", rules.DatabaseName(a.name()))
	p.Take("EngineVersion", rules.Known(a.EngineVersion))
	p.Check(a.Network.VpcID != nil, "Network.VpcID", "is required")
	p.Check(a.Network.SubnetIDs != nil, "Network.SubnetIDs", "is required")
	p.Take("Size", a.Size.validate())
	p.Take("Backup", a.Backup.validate(a.Location.Region))
	p.Take("Logs.RetentionDays", rules.LogRetention(a.Logs.retentionDays()))
	p.Take("Rotation", rules.Rotation(a.Rotation))
	p.Take("Connection", a.Connection.validate())
	for i, client := range a.Clients {
		p.Take(fmt.Sprintf("Clients[%d]", i), rules.DatabaseClient(string(client)))
	}
	p.Check(!a.Protection.Keep.Protect || a.Protection.FinalSnapshot, "Protection.FinalSnapshot",
		"is required where the database is protected")
	return p.Err()
}

func (s Size) validate() error {
	var p problems.List
	p.Take("InstanceClass", rules.InstanceClass(s.InstanceClass))
	p.Take("StorageGiB", rules.StorageGiB(s.StorageGiB))
	p.Take("MaxStorageGiB", rules.MaxStorageGiB(s.MaxStorageGiB, s.StorageGiB))
	return p.Err()
}

func (c Connection) validate() error {
	var p problems.List
	if c.Gateway != nil {
		p.Take("LocalPort", rules.LocalPort(c.LocalPort))
		p.Check(c.Host == "" && c.Port == 0, "Gateway", "excludes Host and Port")
		return p.Err()
	}
	p.Check(c.LocalPort == 0, "LocalPort", "has no effect without Gateway")
	if c.Host != "" {
		p.Take("Host", rules.Host(c.Host))
	}
	if c.Port != 0 {
		p.Take("Port", rules.Port(c.Port))
	}
	return p.Err()
}

func (b Backup) validate(region string) error {
	var p problems.List
	p.Take("Days", rules.BackupDays(b.Days))
	if b.Replica == nil {
		return p.Err()
	}
	p.Take("Replica.Location", b.Replica.Location.Validate())
	p.Take("Replica.Location.Region", rules.ReplicaRegion(b.Replica.Location.Region, region))
	p.Check(b.Replica.Provider != nil, "Replica.Provider", "is required")
	return p.Err()
}

// Inputs are the facts recorded in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{
		"identifier":    pulumi.String(a.Identifier),
		"name":          pulumi.String(a.name()),
		"engineVersion": pulumi.String(a.EngineVersion),
		"instanceClass": pulumi.String(a.Size.InstanceClass),
		"multiAz":       pulumi.Bool(a.Size.MultiAz),
		"backupDays":    pulumi.Int(a.Backup.Days),
		"rotation":      pulumi.Int(a.Rotation),
	}
}

func (a *Args) name() string {
	if a.Name == "" {
		return defaultName
	}
	return a.Name
}

func (l Logs) retentionDays() int {
	if l.RetentionDays == 0 {
		return defaultRetentionDays
	}
	return l.RetentionDays
}
