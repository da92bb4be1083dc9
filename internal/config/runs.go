package config

import (
	"fmt"
	"slices"
	"strings"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Runs says how runs are queued, started and sized.
type Runs struct {
	// CPU is a run's CPU in Fargate's units, 1024 to a vCPU. A job can ask for another by the tag ecs/cpu.
	CPU int `setting:"cpu"`

	// Memory is a run's memory in MiB. A job can ask for another by the tag ecs/memory.
	Memory int `setting:"memory"`

	// MaxConcurrent is the largest number of runs in progress, 1 to 1000. Further ones wait in the queue. The private
	// subnets' addresses and the database's connections must suffice for them.
	MaxConcurrent int `setting:"maxConcurrent"`

	// TagLimits are smaller limits for runs with certain tags.
	TagLimits []TagLimit `setting:"tagLimits"`

	// OnDemandWeight is the share of the runs on on-demand capacity beside spotWeight, 0 to 1000. 0: none.
	OnDemandWeight int `setting:"onDemandWeight"`

	// SpotWeight is the share of the runs on Spot capacity beside onDemandWeight, 0 to 1000. 0: none. Spot costs about two
	// thirds less, and AWS may stop it at two minutes' notice. One of the two weights must be above 0.
	SpotWeight int `setting:"spotWeight"`

	// StartTimeoutSeconds is the time that a run may take to start before it counts as failed, 180 to 3600 seconds. Fargate
	// pulls the image in this time.
	StartTimeoutSeconds int `setting:"startTimeoutSeconds"`

	// MaxRuntimeSeconds is the time in seconds, a year at most, after which a run is ended. A job can ask for another by the tag
	// dagster/max_runtime. 0: no limit.
	MaxRuntimeSeconds int `setting:"maxRuntimeSeconds"`

	// MaxRetries is how often a run whose container was lost is started again, 0 to 10. A run whose own code failed is not.
	MaxRetries int `setting:"maxRetries"`
}

// TagLimit limits the runs that carry a tag.
type TagLimit struct {
	// Key is the tag's name. Required.
	Key string `setting:"key" required:"true"`

	// Value is the tag's value that counts. Empty: any value.
	Value string `setting:"value"`

	// PerValue makes the limit hold for each value of the tag separately. Without it all values count together. Refused
	// together with value.
	PerValue bool `setting:"perValue"`

	// Limit is the largest number of such runs in progress, 0 to maxConcurrent. Required.
	Limit int `setting:"limit" required:"true"`
}

func defaultRuns(profile Profile) Runs {
	runs := Runs{CPU: 512, Memory: 1024, MaxConcurrent: 5, SpotWeight: 1, StartTimeoutSeconds: 600, MaxRetries: 2}
	if profile == ProfileProd {
		runs.MaxConcurrent, runs.StartTimeoutSeconds = 25, 900
		runs.OnDemandWeight, runs.SpotWeight = 1, 0
	}
	return runs
}

// mostRuntime is a year in seconds. Dagster takes more; a larger number is a slip.
const mostRuntime = 365 * 24 * 3600

func (s Settings) validateRuns(list *problems.List) {
	r := s.Runs
	fargate(list, "dagster:runs", r.CPU, r.Memory)
	list.Between("dagster:runs.maxConcurrent", r.MaxConcurrent, 1, 1000)
	list.Take("dagster:runs.onDemandWeight", rules.Weight(r.OnDemandWeight))
	list.Take("dagster:runs.spotWeight", rules.Weight(r.SpotWeight))
	list.Between("dagster:runs.startTimeoutSeconds", r.StartTimeoutSeconds, 180, 3600)
	list.Between("dagster:runs.maxRuntimeSeconds", r.MaxRuntimeSeconds, 0, mostRuntime)
	list.Between("dagster:runs.maxRetries", r.MaxRetries, 0, 10)
	for i, limit := range r.TagLimits {
		s.validateTagLimit(list, fmt.Sprintf("dagster:runs.tagLimits[%d]", i), limit)
		first := slices.IndexFunc(r.TagLimits, func(each TagLimit) bool { return each.Key == limit.Key && each.Value == limit.Value })
		list.Check(first == i || limit.Key == "", fmt.Sprintf("dagster:runs.tagLimits[%d]", i),
			"has the key and value of [%d]; one limit for each is allowed", first)
	}
}

func (s Settings) validateTagLimit(list *problems.List, key string, limit TagLimit) {
	list.Required(key+".key", limit.Key)
	list.Check(limit.Key == strings.TrimSpace(limit.Key), key+".key", "%q: has white space around it", limit.Key)
	list.Check(limit.Value == "" || !limit.PerValue, key+".perValue", "true: contradicts value %q; one of the two is allowed", limit.Value)
	list.Check(limit.Limit >= 0, key+".limit", "%d: too small; 0 to runs.maxConcurrent is allowed", limit.Limit)
	if list.Sound("dagster:runs.maxConcurrent") {
		list.Check(limit.Limit <= s.Runs.MaxConcurrent, key+".limit", "%d: too large; 0 to %d is allowed", limit.Limit, s.Runs.MaxConcurrent)
	}
}
