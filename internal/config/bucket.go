package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Bucket is the S3 bucket for compute logs, assets' outputs and the Dagster configuration.
type Bucket struct {
	// Name is the bucket's name, unique in all of AWS: 3 to 55 lower-case letters, digits and hyphens. Empty: made from
	// prefix, stack, account and region.
	Name string `setting:"name"`

	// ComputeLogDays is the age in days at which compute logs are deleted. 0: never.
	ComputeLogDays int `setting:"computeLogDays"`

	// ArtifactTierDays is the age in days, 30 at least, at which assets' outputs move to infrequent access. 0: never. They
	// are not deleted by age.
	ArtifactTierDays int `setting:"artifactTierDays"`

	// OldVersionDays is the number of days for which a replaced or deleted object can be restored.
	OldVersionDays int `setting:"oldVersionDays"`

	// Replicate copies every object to replicaRegion, under a key of that region.
	Replicate bool `setting:"replicate"`

	// Accelerate lets clients far away transfer through AWS's edge locations, when they ask for the bucket's accelerated
	// endpoint. Each transfer costs.
	Accelerate bool `setting:"accelerate"`

	// ForceDestroy lets the bucket be deleted with everything in it. Refused together with protect.
	ForceDestroy bool `setting:"forceDestroy"`
}

func defaultBucket(profile Profile) Bucket {
	if profile == ProfileProd {
		return Bucket{ComputeLogDays: 90, ArtifactTierDays: 90, OldVersionDays: 30, Replicate: true}
	}
	return Bucket{ComputeLogDays: 14, OldVersionDays: 7, ForceDestroy: true}
}

func (s Settings) validateBucket(list *problems.List) {
	b := s.Bucket
	if b.Name != "" {
		list.Take("dagster:bucket.name", rules.BucketName(b.Name))
	}
	list.Take("dagster:bucket.computeLogDays", rules.ExpireDays(b.ComputeLogDays))
	list.Take("dagster:bucket.artifactTierDays", rules.TierDays(b.ArtifactTierDays))
	list.Take("dagster:bucket.oldVersionDays", rules.OldVersionDays(b.OldVersionDays))
}
