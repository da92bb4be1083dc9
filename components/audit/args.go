package audit

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args say what is recorded and how long it is kept.
type Args struct {
	// Names makes the physical names; required.
	Names naming.Names
	// Location is where the trail is; required.
	Location component.Location
	// BucketName is the name of the bucket of the trail's files, unique in all of AWS; required.
	BucketName string
	// AccessLogs is the bucket that accesses to that bucket are recorded in; required.
	AccessLogs pulumi.StringInput
	// Log is the group that the events are written to as well; required.
	Log logs.Group
	// Objects are the names of the buckets whose objects are watched; at least one.
	Objects []string
	// RetentionDays is how long the trail's files are kept and locked; required.
	RetentionDays int
	// ForceDestroy lets the bucket be deleted with everything in it, by who may bypass the lock. Default false.
	ForceDestroy bool
	// Keep says whether bucket and key are held on to.
	Keep component.Keep
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	list.Required("BucketName", a.BucketName)
	list.Check(a.AccessLogs != nil, "AccessLogs", "is required")
	list.Take("Log", a.Log.Validate())
	list.Check(len(a.Objects) > 0, "Objects", "is required")
	list.Take("RetentionDays", rules.TrailDays(a.RetentionDays))
	list.Check(!a.ForceDestroy || !a.Keep.Protect, "ForceDestroy", "a protected bucket cannot be one that may be emptied")
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{
		"bucketName": pulumi.String(a.BucketName), "objects": pulumi.ToStringArray(a.Objects), "retentionDays": pulumi.Int(a.RetentionDays),
	}
}
