package rules

import (
	"fmt"
	"slices"

	"dagster-ecs/internal/problems"
)

// logRetentions are the days that CloudWatch Logs offers (CloudWatch Logs API reference, PutRetentionPolicy).
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// LogRetention refuses a number of days that CloudWatch Logs does not offer.
func LogRetention(days int) error {
	if !slices.Contains(logRetentions, days) {
		return fmt.Errorf("%d: CloudWatch Logs has no such retention; %s", days, problems.Allowed(logRetentions...))
	}
	return nil
}

// mostDays is ten years. S3 would take more; a larger number is a slip.
const mostDays = 3650

// infrequentDays is for how long an object must have been stored, and is billed after, in infrequent access (S3 user guide,
// transitioning objects using lifecycle).
const infrequentDays = 30

// ExpireDays refuses an age at which objects are deleted outside of 0 (never) to ten years.
func ExpireDays(days int) error { return problems.Between(days, 0, mostDays) }

// TierDays refuses an age at which objects move to infrequent access other than 0 (never) or 30 days to ten years.
func TierDays(days int) error {
	if days == 0 || days >= infrequentDays && days <= mostDays {
		return nil
	}
	return fmt.Errorf("%d: infrequent access does not take objects of this age; 0 (never) and %d to %d are allowed", days, infrequentDays, mostDays)
}

// ExpireAfterTier refuses objects that are deleted within 30 days after they moved to infrequent access, for which they
// are billed all the same. 0 is never.
func ExpireAfterTier(expire, tier int) error {
	if expire == 0 || tier == 0 || expire >= tier+infrequentDays {
		return nil
	}
	return fmt.Errorf("%d: too early after the move at %d; %d and more are allowed", expire, tier, tier+infrequentDays)
}

// TrailDays refuses a number of days for which the files of a trail are kept and locked outside of 1 to ten years.
func TrailDays(days int) error { return problems.Between(days, 1, mostDays) }

// OldVersionDays refuses a number of days for which replaced objects are kept outside of 1 to ten years.
func OldVersionDays(days int) error { return problems.Between(days, 1, mostDays) }
