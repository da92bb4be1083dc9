package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/securebucket"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args say what bucket to build.
type Args struct {
	// Location is where the bucket is built; required.
	Location component.Location
	// Name is the bucket's physical name, unique in all of AWS; required, at most 55 characters, since -replica is added
	// for the copy and -logs-2 for its access logs. Changing it replaces the bucket.
	Name string
	// NamePrefix begins the names of keys and roles, such as asset-manager-dev; required.
	NamePrefix string
	// Lifecycle says what becomes of objects by their prefix. Default: they stay as they are.
	Lifecycle []Rule
	// OldVersionDays is how long replaced and deleted objects can be restored. Default 30.
	OldVersionDays int
	// Logged are the names of further buckets whose accesses are recorded in LogsName. Default none.
	Logged []string
	// Replica copies every object to a second region. Nil: no copies.
	Replica *Replica
	// Accelerate lets far clients transfer through AWS's edge locations; each transfer costs. Default false.
	Accelerate bool
	// ForceDestroy lets the bucket be deleted with everything in it. Default false.
	ForceDestroy bool
	// Keep says whether buckets and keys are held on to.
	Keep component.Keep
}

// Rule is what becomes of the objects under a prefix: deleted at an age, or moved to infrequent access, and how long
// their old versions stay.
type Rule = securebucket.Rule

// Replica is the second region.
type Replica struct {
	// Location is the second region; required.
	Location component.Location
	// Provider is the AWS provider of that region; required.
	Provider pulumi.ProviderResource
}

const defaultOldVersionDays = 30

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Take("Location", a.Location.Validate())
	p.Take("NamePrefix", rules.NamePrefix(a.NamePrefix))
	p.Take("Name", rules.BucketName(a.Name))
	seen := map[string]bool{}
	for i, rule := range a.Lifecycle {
		at := fmt.Sprintf("Lifecycle[%d]", i)
		p.Take(at, validateRule(rule))
		p.Check(!seen[rule.Prefix], at+".Prefix", "%q is there twice", rule.Prefix)
		seen[rule.Prefix] = true
	}
	p.Take("OldVersionDays", rules.OldVersionDays(a.oldVersionDays()))
	p.Check(!a.ForceDestroy || !a.Keep.Protect, "ForceDestroy", "a protected bucket cannot be one that may be emptied")
	if a.Replica != nil {
		p.Take("Replica.Location", a.Replica.Location.Validate())
		p.Take("Replica.Location.Region", rules.ReplicaRegion(a.Replica.Location.Region, a.Location.Region))
		p.Check(a.Replica.Provider != nil, "Replica.Provider", "is required")
	}
	return p.Err()
}

func validateRule(r Rule) error {
	var p problems.List
	p.Take("Prefix", rules.ObjectPrefix(r.Prefix))
	p.Take("ExpireDays", rules.ExpireDays(r.ExpireDays))
	p.Take("TierDays", rules.TierDays(r.TierDays))
	if r.OldVersionDays != 0 {
		p.Take("OldVersionDays", rules.OldVersionDays(r.OldVersionDays))
	}
	p.Check(r != Rule{Prefix: r.Prefix}, "ExpireDays", "the rule does nothing without ExpireDays, TierDays and OldVersionDays")
	p.Take("ExpireDays", rules.ExpireAfterTier(r.ExpireDays, r.TierDays))
	return p.Err()
}

// Inputs are the facts recorded in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := pulumi.Map{
		"name":           pulumi.String(a.Name),
		"oldVersionDays": pulumi.Int(a.oldVersionDays()),
		"forceDestroy":   pulumi.Bool(a.ForceDestroy),
	}
	if a.Replica != nil {
		inputs["replicaRegion"] = pulumi.String(a.Replica.Location.Region)
	}
	return inputs
}

func (a *Args) oldVersionDays() int {
	if a.OldVersionDays == 0 {
		return defaultOldVersionDays
	}
	return a.OldVersionDays
}
