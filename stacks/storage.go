package stacks

import (
	"dagster-ecs/components/storage/bucket"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/naming"
)

// The prefixes in the bucket. The first two are the guide's, and jobs' code relies on the second.
const (
	computeLogs = "dagster/compute-logs"
	artifacts   = "dagster/io"
	configs     = "dagster/config"
)

func (s *stack) buildBucket() (err error) {
	wanted := s.settings.Bucket
	args := &bucket.Args{
		Location:       s.location,
		Name:           s.bucketName(),
		NamePrefix:     s.names.Scoped(naming.FamilyLimit),
		OldVersionDays: wanted.OldVersionDays,
		ForceDestroy:   wanted.ForceDestroy,
		Keep:           s.keep(),
	}
	if wanted.ComputeLogDays > 0 {
		args.Lifecycle = append(args.Lifecycle, bucket.Rule{Prefix: computeLogs + "/", ExpireDays: wanted.ComputeLogDays})
	}
	if wanted.ArtifactTierDays > 0 {
		args.Lifecycle = append(args.Lifecycle, bucket.Rule{Prefix: artifacts + "/", TierDays: wanted.ArtifactTierDays})
	}
	if wanted.Replicate {
		args.Replica = &bucket.Replica{Location: s.replicaLocation(), Provider: s.provider.replica}
	}
	s.bucket, err = bucket.New(s.ctx, "bucket", args, s.withAws())
	return err
}

// bucketName is unique in all of AWS by the account and the region in it.
func (s *stack) bucketName() string {
	if name := s.settings.Bucket.Name; name != "" {
		return name
	}
	const limit = naming.BucketLimit - len("-replica")
	return s.names.Scoped(limit, s.settings.Account, s.settings.Region)
}

func (s *stack) store() grants.Store {
	return grants.Store{
		Location:    s.location,
		BucketArn:   s.bucket.Arn,
		KeyArn:      s.bucket.KeyArn,
		ComputeLogs: computeLogs,
		Artifacts:   artifacts,
		Config:      configs,
	}
}
