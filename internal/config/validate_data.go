package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

func (s Settings) validateBucket(list *problems.List) {
	b := s.Bucket
	if b.Name != "" {
		list.Take("dagster:bucket.name", rules.BucketName(b.Name))
	}
	list.Take("dagster:bucket.computeLogDays", rules.ExpireDays(b.ComputeLogDays))
	list.Take("dagster:bucket.artifactTierDays", rules.TierDays(b.ArtifactTierDays))
	list.Take("dagster:bucket.oldVersionDays", rules.OldVersionDays(b.OldVersionDays))
	list.Check(!b.Replicate || s.ReplicaRegion != "", "dagster:bucket.replicate", "true: needs dagster:replicaRegion")
	list.Check(!b.ForceDestroy || !s.Protect, "dagster:bucket.forceDestroy", "true: contradicts dagster:protect; false is allowed with it")
}

func (s Settings) validateDatabase(list *problems.List) {
	d := s.Database
	list.Take("dagster:database.storageGiB", rules.StorageGiB(d.StorageGiB))
	list.Take("dagster:database.maxStorageGiB", rules.MaxStorageGiB(d.MaxStorageGiB, d.StorageGiB))
	list.Take("dagster:database.backupDays", rules.BackupDays(d.BackupDays))
	list.Check(!d.ReplicateBackups || s.ReplicaRegion != "", "dagster:database.replicateBackups", "true: needs dagster:replicaRegion")
	list.Check(!s.Protect || d.FinalSnapshot, "dagster:database.finalSnapshot", "false: contradicts dagster:protect; true is allowed with it")
	list.Take("dagster:database.name", rules.DatabaseName(d.Name))
	list.Take("dagster:database.rotation", rules.Rotation(d.Rotation))
	if d.Connection.Host != "" {
		list.Take("dagster:database.connection.host", rules.Host(d.Connection.Host))
	}
	if d.Connection.Port != 0 {
		list.Take("dagster:database.connection.port", rules.Port(d.Connection.Port))
	}
}
