package config

import (
	"fmt"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

func (s Settings) validateWebserver(list *problems.List) {
	w := s.Webserver
	fargate(list, "dagster:webserver", w.CPU, w.Memory)
	fargate(list, "dagster:daemon", s.Daemon.CPU, s.Daemon.Memory)
	// AWS allows far more instances; each opens connections to the database.
	list.Between("dagster:webserver.minInstances", w.MinInstances, 1, 10)
	list.Between("dagster:webserver.maxInstances", w.MaxInstances, max(w.MinInstances, 1), 10)
	list.Take("dagster:webserver.idleTimeoutSeconds", rules.IdleTimeout(w.IdleTimeoutSeconds))
	list.Take("dagster:webserver.allowedCidrs", rules.AllowList(w.AllowedCidrs, w.Access))
	const certificate = "dagster:webserver.certificateArn"
	if w.CertificateArn != "" {
		list.Take(certificate, rules.Certificate(w.CertificateArn, s.Region, s.Account))
		return
	}
	list.Check(w.Access != rules.AccessInternetFacing, certificate, "is required with access internet-facing")
	list.Check(s.Profile != ProfileProd, certificate, "is required with profile prod")
}

func (s Settings) validateRuns(list *problems.List) {
	r := s.Runs
	fargate(list, "dagster:runs", r.CPU, r.Memory)
	list.Between("dagster:runs.maxConcurrent", r.MaxConcurrent, 1, 1000)
	list.Take("dagster:runs.onDemandWeight", rules.Weight(r.OnDemandWeight))
	list.Take("dagster:runs.spotWeight", rules.Weight(r.SpotWeight))
	list.Take("dagster:runs.spotWeight", rules.Weights(r.OnDemandWeight, r.SpotWeight))
	list.Between("dagster:runs.startTimeoutSeconds", r.StartTimeoutSeconds, 180, 3600)
	list.Check(r.MaxRuntimeSeconds >= 0, "dagster:runs.maxRuntimeSeconds", "%d: too small; 0 (no limit) and more is allowed", r.MaxRuntimeSeconds)
	list.Between("dagster:runs.maxRetries", r.MaxRetries, 0, 10)
	for i, limit := range r.TagLimits {
		key := fmt.Sprintf("dagster:runs.tagLimits[%d]", i)
		list.Required(key+".key", limit.Key)
		list.Check(limit.Value == "" || !limit.PerValue, key+".perValue", "true: contradicts value %q; one of the two is allowed", limit.Value)
		list.Between(key+".limit", limit.Limit, 0, r.MaxConcurrent)
	}
}

// fargate checks a pair of CPU and memory sizes.
func fargate(list *problems.List, key string, cpu, memory int) {
	list.Take(key+".cpu", rules.FargateCPU(cpu))
	list.Take(key+".memory", rules.FargateMemory(cpu, memory))
}

// validateCapacity checks the numbers against each other.
func (s Settings) validateCapacity(list *problems.List) {
	s.validateAddresses(list)
	const key = "dagster:database.instanceClass"
	allowed, err := capacity.MaxConnections(s.Database.InstanceClass)
	if err != nil {
		list.Take(key, err)
		return
	}
	needed := capacity.Connections(s.Webserver.MaxInstances, s.Runs.MaxConcurrent)
	list.Check(needed <= allowed, key,
		"%q: allows %d connections; with webserver.maxInstances %d and runs.maxConcurrent %d up to %d are needed",
		s.Database.InstanceClass, allowed, s.Webserver.MaxInstances, s.Runs.MaxConcurrent, needed)
}
