package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Audit is who did what in the account.
type Audit struct {
	// Trail is whose trail of CloudTrail records the calls: stack makes one, with alarms on use of the root user, refused calls,
	// changed policies and buckets, deleted keys and on the trail's own changes; with organization the organization's or the
	// account's own trail does, and the program makes none; with none nothing is recorded but CloudTrail's event history of 90 days. The
	// first trail of an account costs little: events of objects, 0.10 USD for 100,000, and a second trail's management events.
	Trail rules.TrailMode `setting:"trail"`

	// RetentionDays is for how many days the trail's files are kept, and locked: 1 to 3650. Who may bypass governance retention
	// can delete them sooner; the roles that deploy may only where bucket.forceDestroy is on.
	RetentionDays int `setting:"retentionDays"`
}

func defaultAudit(profile Profile) Audit {
	audit := Audit{Trail: rules.TrailNone, RetentionDays: 365}
	if profile == ProfileProd {
		audit.Trail = rules.TrailStack
	}
	return audit
}

func (s Settings) validateAudit(list *problems.List) {
	list.Take("dagster:audit.retentionDays", rules.TrailDays(s.Audit.RetentionDays))
}

func noTrail(s Settings) bool { return s.Audit.Trail != rules.TrailStack }
