// Package changes says what the change of each setting does to a stack that is deployed, and refuses the changes that would
// lose data or fail in the middle of an update. docs/settings.md shows it.
//
// What depends on the state of one resource, such as a disk that never shrinks, the component of that resource refuses.
package changes

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"dagster-ecs/internal/problems"
)

// Effect is what a change does to what is deployed.
type Effect string

// The effects.
const (
	// InPlace changes a resource while everything runs on.
	InPlace Effect = "in place"
	// NewTasks starts webserver, daemon or both anew; runs in progress go on as they began.
	NewTasks Effect = "new tasks"
	// Interrupts takes something away for minutes.
	Interrupts Effect = "interrupts"
	// Replaces deletes something without data and makes it anew.
	Replaces Effect = "replaces"
	// Refused is refused at preview.
	Refused Effect = "refused"
)

// Settings are the texts of settings by their whole key.
type Settings map[string]string

// Change is what a change of one setting does.
type Change struct {
	// Effect is what it does in general.
	Effect Effect
	// Note says more, in Markdown: what, how long, which changes are refused. Empty: the effect says all.
	Note string

	// refuse says why a change is refused and what to do; empty where it is not. Nil refuses nothing.
	refuse func(key string, before, after Settings) string
}

// Of is what a change of the setting of a key does, and whether the key is known.
func Of(key string) (Change, bool) {
	change, known := table[key]
	return change, known
}

// Keys are the keys of all settings that are known here, sorted.
func Keys() []string { return slices.Sorted(maps.Keys(table)) }

// Refuse says all that is wrong with a change of the settings with which a stack is deployed. A key that one side lacks is
// left out: another version of the program wrote that side.
func Refuse(before, after Settings) error {
	var list problems.List
	for _, key := range Keys() {
		from, known := before[key]
		to, wanted := after[key]
		refuse := table[key].refuse
		if !known || !wanted || from == to || refuse == nil {
			continue
		}
		if why := refuse(key, before, after); why != "" {
			list.Addf(key, "%q cannot become %q on a deployed stack: %s", from, to, why)
		}
	}
	return list.Err()
}

// never refuses every change.
func never(why string) Change {
	return Change{Effect: Refused, refuse: func(string, Settings, Settings) string { return why }}
}

const (
	protect         = "dagster:protect"
	replicaRegion   = "dagster:replicaRegion"
	replicate       = "dagster:bucket.replicate"
	replicateBackup = "dagster:database.replicateBackups"
	forceDestroy    = "dagster:bucket.forceDestroy"
	on              = "true"

	unprotect = "first set dagster:protect to false and run pulumi up, then change it and run pulumi up, then protect again"
)

// whileProtected refuses a change of a protected stack.
func whileProtected(why string) func(string, Settings, Settings) string {
	return func(_ string, before, _ Settings) string {
		if before[protect] == on {
			return why + "; " + unprotect
		}
		return ""
	}
}

// copiesStay refuses another region while copies are there or wanted.
func copiesStay(_ string, before, after Settings) string {
	kept := before[replicate] == on && after[replicate] == on || before[replicateBackup] == on && after[replicateBackup] == on
	if !kept {
		return ""
	}
	return "the copies would be deleted; first set dagster:bucket.replicate and dagster:database.replicateBackups to false, leave the " +
		"region out and run pulumi up, then set the new one, and both to true"
}

// copyGoes refuses to delete the copy of the bucket before it may be deleted.
func copyGoes(_ string, before, after Settings) string {
	if after[replicate] == on || before[protect] != on && before[forceDestroy] == on {
		return ""
	}
	return goes("the copy")
}

// trailGoes refuses to delete the trail before its files may be deleted.
func trailGoes(key string, before, _ Settings) string {
	if before[key] != "stack" || before[protect] != on && before[forceDestroy] == on {
		return ""
	}
	return goes("the trail")
}

func goes(what string) string {
	return what + " would be deleted with all that is in it; first set dagster:protect to false and dagster:bucket.forceDestroy " +
		"to true and run pulumi up, then change it and run pulumi up, then set both back"
}

// backupCopiesGo refuses to delete the key of the backups' copies while it is protected.
func backupCopiesGo(key string, before, after Settings) string {
	if after[replicateBackup] == on {
		return ""
	}
	return whileProtected("the key of the copies is protected")(key, before, after)
}

// alertsGo refuses to delete the topic's key while it is protected.
func alertsGo(key string, before, after Settings) string {
	if after[key] == on {
		return ""
	}
	return whileProtected("the key of the topic is protected")(key, before, after)
}

// oneMore refuses every number but the next.
func oneMore(key string, before, after Settings) string {
	from, err := strconv.Atoi(before[key])
	if err != nil || after[key] == strconv.Itoa(from+1) {
		return ""
	}
	return fmt.Sprintf("runs in progress would lose their password; a rotation adds one: %d", from+1)
}
