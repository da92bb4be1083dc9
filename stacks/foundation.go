package stacks

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/audit"
	"dagster-ecs/components/cluster"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/hours"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/maintenance"
	"dagster-ecs/components/monitor"
	"dagster-ecs/components/network"
	"dagster-ecs/components/secrets"
	"dagster-ecs/components/storage/database"
	"dagster-ecs/components/webserver"
	"dagster-ecs/internal/rules"
)

const (
	// runsLog ends the name of the runs' log group.
	runsLog = "runs"
	// migrationGroup is the group of parameters that only the migration reads.
	migrationGroup = "migration"
)

func (s *stack) buildNetwork() (err error) {
	wanted := s.settings.Network
	args := &network.Args{
		Location:   s.location,
		NamePrefix: s.names.Base(),
		FlowLogs:   network.FlowLogs{RetentionDays: s.settings.Logs.RetentionDays, Keep: s.keep()},
	}
	if wanted.Existing() {
		args.Existing = &network.Existing{
			VpcID:             wanted.VpcID,
			PrivateSubnetIDs:  wanted.PrivateSubnetIDs,
			DatabaseSubnetIDs: wanted.DatabaseSubnetIDs,
			PublicSubnetIDs:   wanted.PublicSubnetIDs,
		}
	} else {
		args.CidrBlock, args.Zones, args.Nat, args.Endpoints = wanted.Cidr, wanted.Zones, wanted.Nat, wanted.Endpoints
		args.InternetFacing = s.settings.Webserver.Access == rules.AccessInternetFacing
	}
	s.network, err = network.New(s.ctx, "network", args, s.withAws())
	return err
}

func (s *stack) buildCluster() (err error) {
	wanted := s.settings.Cluster
	args := &cluster.Args{Location: s.location}
	if wanted.Existing == "" {
		args.Name, args.Insights = wanted.Name, wanted.Insights
	} else {
		args.Existing = &cluster.Existing{
			Name: wanted.Existing, Spot: s.settings.Runs.SpotWeight > 0, Own: s.names.Tags(),
		}
	}
	s.cluster, err = cluster.New(s.ctx, "cluster", args, s.withAws())
	return err
}

func (s *stack) buildLogs() (err error) {
	kinds := []string{webserver.Kind, daemon.Kind, runsLog, maintenance.Kind}
	if s.settings.Monitoring.Enabled {
		kinds = append(kinds, monitor.Kind)
	}
	if s.settings.Hours.Enabled {
		kinds = append(kinds, hours.Kind)
	}
	if s.settings.Audit.Trail == rules.TrailStack {
		kinds = append(kinds, audit.Kind)
	}
	s.logs, err = logs.New(s.ctx, "logs", &logs.Args{
		Names:         s.names,
		Location:      s.location,
		Kinds:         kinds,
		RetentionDays: s.settings.Logs.RetentionDays,
		Keep:          s.keep(),
	}, s.withAws())
	return err
}

func (s *stack) buildDatabase() (err error) {
	wanted := s.settings.Database
	args := &database.Args{
		Location:      s.location,
		Identifier:    s.names.Scoped(rules.DatabaseIdentifierLimit),
		Name:          wanted.Name,
		EngineVersion: wanted.EngineVersion,
		Network:       database.Network{VpcID: s.network.VpcID, SubnetIDs: s.network.DatabaseSubnetIDs},
		Size: database.Size{
			InstanceClass: wanted.InstanceClass,
			StorageGiB:    wanted.StorageGiB,
			MaxStorageGiB: wanted.MaxStorageGiB,
			MultiAz:       wanted.MultiAz,
		},
		Backup:     database.Backup{Days: wanted.BackupDays},
		Logs:       database.Logs{RetentionDays: s.settings.Logs.RetentionDays},
		Rotation:   wanted.Rotation,
		Connection: database.Connection{Gateway: s.gateway, Host: wanted.Connection.Host, Port: wanted.Connection.Port},
		Protection: database.Protection{
			Keep:               s.keep(),
			DeletionProtection: wanted.DeletionProtection,
			FinalSnapshot:      wanted.FinalSnapshot,
		},
	}
	if s.gateway != nil {
		args.Connection.LocalPort = wanted.Connection.LocalPort
	}
	for _, client := range wanted.Clients {
		args.Clients = append(args.Clients, database.Client(client))
	}
	if wanted.ReplicateBackups {
		args.Backup.Replica = &database.Replica{Location: s.replicaLocation(), Provider: s.provider.replica}
	}
	s.database, err = database.New(s.ctx, "database", args, pulumi.Providers(s.provider.main, s.provider.random))
	return err
}

// keepSecrets writes the database's users and the secrets of the settings as parameters.
func (s *stack) keepSecrets() (err error) {
	db := s.database
	parameters := []secrets.Parameter{
		{Name: configuration.DatabaseUserVariable, Value: pulumi.String(db.User)},
		{Name: configuration.DatabasePasswordVariable, Value: db.Password},
		{Group: migrationGroup, Name: configuration.DatabaseUserVariable, Value: pulumi.String(db.Migrator)},
		{Group: migrationGroup, Name: configuration.DatabasePasswordVariable, Value: db.MigratorPassword},
	}
	for _, name := range slices.Sorted(maps.Keys(s.settings.Secrets)) {
		parameters = append(parameters, secrets.Parameter{Name: name, Value: pulumi.String(s.settings.Secrets[name].Reveal())})
	}
	s.secrets, err = secrets.New(s.ctx, "secrets", &secrets.Args{
		Location:   s.location,
		NamePrefix: s.names.Base(),
		Path:       s.names.ParameterPath(),
		Parameters: parameters,
		Keep:       s.keep(),
	}, pulumi.Providers(s.provider.main, s.provider.random))
	return err
}
