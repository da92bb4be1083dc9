package config

import (
	"fmt"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Database is the PostgreSQL instance that holds runs, events and schedules.
type Database struct {
	// EngineVersion is the major version of PostgreSQL, quoted in YAML. AWS installs minor versions in the maintenance
	// window.
	EngineVersion rules.PostgresVersion `setting:"engineVersion"`

	// InstanceClass is the size of the instance, such as db.t4g.small. Its memory limits the connections, and they limit
	// webserver.maxInstances and runs.maxConcurrent.
	InstanceClass string `setting:"instanceClass"`

	// StorageGiB is the size of the disk at creation, 20 GiB at least. It never shrinks.
	StorageGiB int `setting:"storageGiB"`

	// MaxStorageGiB is the size in GiB up to which the disk grows by itself, a tenth above storageGiB at least. 0: it does
	// not grow.
	MaxStorageGiB int `setting:"maxStorageGiB"`

	// MultiAz keeps a standby in a second zone, which takes over within a minute or two. It doubles the cost.
	MultiAz bool `setting:"multiAz"`

	// BackupDays is the number of days, 1 to 35, of which any second can be restored.
	BackupDays int `setting:"backupDays"`

	// ReplicateBackups copies the backups to replicaRegion.
	ReplicateBackups bool `setting:"replicateBackups"`

	// DeletionProtection makes AWS refuse to delete the instance.
	DeletionProtection bool `setting:"deletionProtection"`

	// FinalSnapshot takes a snapshot before the instance is deleted, and keeps the automated backups for their days. Their
	// keys stay in the account then, also after pulumi destroy.
	FinalSnapshot bool `setting:"finalSnapshot"`

	// Name is the name of the database inside the instance, given as DAGSTER_PG_DB: up to 63 lower-case letters, digits and
	// underscores, a letter first, no reserved word of PostgreSQL.
	Name string `setting:"name"`

	// Rotation is the number of password rotations, from 1. Adding one gives the idle one of the two users a new password
	// and makes it the active one. Runs that have started keep their password until the next rotation.
	Rotation int `setting:"rotation"`

	// Clients are who may connect beside the webserver, the daemon and the runs: IPv4 ranges and ids of security groups, such
	// as those of a VPN or of runners inside of the network.
	Clients []string `setting:"clients"`

	// Connection is how pulumi up itself reaches the database.
	Connection Connection `setting:"connection"`
}

// Connection is how pulumi up itself reaches the database.
type Connection struct {
	// Via is the way: through a task that is started for it and Session Manager, from wherever pulumi up runs, or directly
	// from inside of the network.
	Via rules.ConnectionMode `setting:"via"`

	// LocalPort is the port of the machine on which pulumi up runs that leads through the gateway, 1024 to 65535. Two stacks
	// that are updated on one machine at a time need two.
	LocalPort int `setting:"localPort"`

	// Host is a host name or an address, for via direct alone. Empty: the instance's own.
	Host string `setting:"host"`

	// Port is a TCP port, for host alone. 0: the instance's own.
	Port int `setting:"port"`
}

func defaultDatabase(profile Profile) Database {
	database := Database{
		EngineVersion: rules.Postgres17, InstanceClass: "db.t4g.small", StorageGiB: 20, BackupDays: 1, Name: "dagster", Rotation: 1,
		Connection: Connection{Via: rules.ConnectionGateway, LocalPort: 15432},
	}
	if profile == ProfileProd {
		database.InstanceClass, database.MultiAz = "db.m6g.large", true
		database.StorageGiB, database.MaxStorageGiB = 50, 500
		database.BackupDays, database.ReplicateBackups = 14, true
		database.DeletionProtection, database.FinalSnapshot = true, true
	}
	return database
}

func (s Settings) validateDatabase(list *problems.List) {
	d := s.Database
	list.Take("dagster:database.instanceClass", rules.InstanceClass(d.InstanceClass))
	list.Take("dagster:database.storageGiB", rules.StorageGiB(d.StorageGiB))
	list.Take("dagster:database.backupDays", rules.BackupDays(d.BackupDays))
	list.Take("dagster:database.name", rules.DatabaseName(d.Name))
	list.Take("dagster:database.rotation", rules.Rotation(d.Rotation))
	list.Take("dagster:database.clients", rules.DatabaseClients(d.Clients))
	list.Take("dagster:database.connection.localPort", rules.LocalPort(d.Connection.LocalPort))
	if d.Connection.Host != "" {
		list.Take("dagster:database.connection.host", rules.Host(d.Connection.Host))
	}
	if d.Connection.Port != 0 {
		list.Take("dagster:database.connection.port", rules.Port(d.Connection.Port))
	}
}

// enoughConnections checks that the instance allows the connections that webservers and runs may open.
func enoughConnections(s Settings) error {
	allowed, err := capacity.MaxConnections(s.Database.InstanceClass)
	if err != nil {
		return nil // the rule of the class has said so
	}
	needed := capacity.Connections(s.Webserver.MaxInstances, s.Runs.MaxConcurrent, s.Runs.CPU)
	if needed <= allowed {
		return nil
	}
	return fmt.Errorf("%q: allows %d connections; with webserver.maxInstances %d and runs.maxConcurrent %d up to %d are needed",
		s.Database.InstanceClass, allowed, s.Webserver.MaxInstances, s.Runs.MaxConcurrent, needed)
}
