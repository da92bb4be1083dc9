package stacks

import (
	"dagster-ecs/components/audit"
	"dagster-ecs/components/storage/bucket"
	"dagster-ecs/internal/rules"
)

// prefixes are where things lie in the bucket. Jobs' code relies on that of the artifacts.
var prefixes = bucket.Prefixes{ComputeLogs: "dagster/compute-logs", Artifacts: "dagster/io", Config: "dagster/config", Monitor: "dagster/monitor"}

func (s *stack) buildBucket() (err error) {
	wanted := s.settings.Bucket
	args := &bucket.Args{
		Location:       s.location,
		Name:           s.bucketName(),
		NamePrefix:     s.names.Base(),
		OldVersionDays: wanted.OldVersionDays,
		Accelerate:     wanted.Accelerate,
		ForceDestroy:   wanted.ForceDestroy,
		Keep:           s.keep(),
	}
	// What a running step prints is written anew every half minute, so that the UI shows it: nobody restores that.
	args.Lifecycle = append(args.Lifecycle, bucket.Rule{
		Prefix: prefixes.ComputeLogs + "/", ExpireDays: wanted.ComputeLogDays, OldVersionDays: 1,
	})
	if s.settings.Monitoring.Enabled {
		// written and deleted each minute: neither versions nor marks of deletion are worth keeping
		args.Lifecycle = append(args.Lifecycle, bucket.Rule{Prefix: prefixes.Monitor + "/", ExpireDays: 1, OldVersionDays: 1})
	}
	if wanted.ArtifactTierDays > 0 {
		args.Lifecycle = append(args.Lifecycle, bucket.Rule{Prefix: prefixes.Artifacts + "/", TierDays: wanted.ArtifactTierDays})
	}
	if s.settings.Audit.Trail == rules.TrailStack {
		args.Logged = []string{s.trailBucketName()}
	}
	if wanted.Replicate {
		args.Replica = &bucket.Replica{Location: s.replicaLocation(), Provider: s.provider.replica}
	}
	s.bucket, err = bucket.New(s.ctx, "bucket", args, s.withAws())
	return err
}

// buildAudit makes the trail. It watches the objects of the bucket and of its copy.
func (s *stack) buildAudit() (err error) {
	if s.settings.Audit.Trail != rules.TrailStack {
		return nil
	}
	objects := []string{s.bucketName()}
	if name := s.bucket.ReplicaName; name != "" {
		objects = append(objects, name)
	}
	s.audit, err = audit.New(s.ctx, "audit", &audit.Args{
		Names:         s.names,
		Location:      s.location,
		BucketName:    s.trailBucketName(),
		AccessLogs:    s.bucket.LogsName,
		Log:           s.logs.Groups[audit.Kind],
		Objects:       objects,
		RetentionDays: s.settings.Audit.RetentionDays,
		ForceDestroy:  s.settings.Bucket.ForceDestroy,
		Keep:          s.keep(),
	}, s.withAws())
	return err
}

func (s *stack) trailBucketName() string { return s.bucketName() + "-trail" }

// bucketName is unique in all of AWS by the account and the region in it.
func (s *stack) bucketName() string {
	if name := s.settings.Bucket.Name; name != "" {
		return name
	}
	return s.names.Scoped(rules.BucketNameLimit, s.settings.Account, s.settings.Region)
}
