package config

import "dagster-ecs/internal/rules"

// Defaults are the settings that a stack starts from: the cheap ones, and for production those of the guide.
func Defaults(profile Profile) Settings {
	s := Settings{
		Profile: profile,
		Prefix:  "asset-manager",
		Cluster: Cluster{Name: "fulcrum-cluster", Insights: rules.InsightsDisabled},
		Network: Network{Cidr: "10.64.0.0/16", Zones: 2, Nat: rules.NatSingle},
		Bucket:  Bucket{ComputeLogDays: 14, OldVersionDays: 7, ForceDestroy: true},
		Database: Database{
			EngineVersion: rules.Postgres17, InstanceClass: "db.t4g.small", StorageGiB: 20, BackupDays: 1, Name: "dagster", Rotation: 1,
		},
		Webserver: Webserver{
			CPU: 512, Memory: 1024, MinInstances: 1, MaxInstances: 1, Access: rules.AccessInternal, IdleTimeoutSeconds: 300,
		},
		Daemon: Daemon{CPU: 512, Memory: 1024},
		Runs: Runs{
			CPU: 512, Memory: 1024, MaxConcurrent: 5, SpotWeight: 1, StartTimeoutSeconds: 600, MaxRetries: 2,
		},
		Logs: Logs{RetentionDays: 7, TickDays: 7},
	}
	if profile == ProfileProd {
		production(&s)
	}
	return s
}

func production(s *Settings) {
	s.Protect = true
	s.Cluster.Insights = rules.InsightsEnhanced
	s.Network.Nat = rules.NatPerZone
	s.Bucket = Bucket{ComputeLogDays: 90, ArtifactTierDays: 90, OldVersionDays: 30, Replicate: true}
	s.Database.InstanceClass = "db.m6g.large"
	s.Database.StorageGiB, s.Database.MaxStorageGiB = 50, 500
	s.Database.MultiAz, s.Database.BackupDays, s.Database.ReplicateBackups = true, 14, true
	s.Database.DeletionProtection, s.Database.FinalSnapshot = true, true
	s.Webserver.MaxInstances = 2
	s.Runs.MaxConcurrent, s.Runs.StartTimeoutSeconds = 25, 900
	s.Runs.OnDemandWeight, s.Runs.SpotWeight = 1, 0
	s.Logs = Logs{RetentionDays: 365, TickDays: 30}
}
