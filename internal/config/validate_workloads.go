package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/subnets"
)

// widest is the shortest prefix length of a range in the allow-list of an internet-facing UI: no owner has more than a
// /8, and two halves of the internet are the internet.
const widest = 8

// certificateForm is the ARN of an ACM certificate; its groups are region and account.
var certificateForm = regexp.MustCompile(`^arn:aws[a-z-]*:acm:([a-z0-9-]+):(\d{12}):certificate/[0-9a-f-]{36}$`)

func (s Settings) validateWebserver(list *problems.List) {
	w := s.Webserver
	fargate(list, "dagster:webserver", w.Cpu, w.Memory)
	fargate(list, "dagster:daemon", s.Daemon.Cpu, s.Daemon.Memory)
	list.Between("dagster:webserver.minInstances", w.MinInstances, 1, 10)
	list.Between("dagster:webserver.maxInstances", w.MaxInstances, max(w.MinInstances, 1), 10)
	list.OneOf("dagster:webserver.access", string(w.Access), string(AccessInternal), string(AccessInternetFacing))
	list.Between("dagster:webserver.idleTimeoutSeconds", w.IdleTimeoutSeconds, 61, 4000)

	facing := w.Access == AccessInternetFacing
	list.Check(!facing || len(w.AllowedCidrs) > 0, "dagster:webserver.allowedCidrs",
		"is required with access internet-facing: Dagster has no login")
	for i, cidr := range w.AllowedCidrs {
		key := fmt.Sprintf("dagster:webserver.allowedCidrs[%d]", i)
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil || !prefix.Addr().Is4() || prefix.Masked() != prefix {
			list.Addf(key, "%q is no IPv4 range such as 10.0.0.0/8", cidr)
			continue
		}
		list.Check(!facing || prefix.Bits() >= widest, key,
			"%q is wider than a /%d, which is no allow-list: Dagster has no login", cidr, widest)
	}
	s.validateCertificate(list)
}

func (s Settings) validateCertificate(list *problems.List) {
	const key = "dagster:webserver.certificateArn"
	arn := s.Webserver.CertificateArn
	if arn == "" {
		list.Check(s.Webserver.Access != AccessInternetFacing, key, "is required with access internet-facing")
		list.Check(s.Profile != ProfileProd, key, "is required with profile prod")
		return
	}
	parts := certificateForm.FindStringSubmatch(arn)
	list.Check(parts != nil && parts[1] == s.Region && parts[2] == s.Account, key,
		"%q is no ACM certificate of region %s and account %s", arn, s.Region, s.Account)
}

func (s Settings) validateRuns(list *problems.List) {
	r := s.Runs
	fargate(list, "dagster:runs", r.Cpu, r.Memory)
	list.Between("dagster:runs.maxConcurrent", r.MaxConcurrent, 1, 1000)
	list.Between("dagster:runs.onDemandWeight", r.OnDemandWeight, 0, 1000)
	list.Between("dagster:runs.spotWeight", r.SpotWeight, 0, 1000)
	list.Check(r.OnDemandWeight+r.SpotWeight > 0, "dagster:runs.spotWeight", "%d and onDemandWeight %d leave no capacity: one must be above 0",
		r.SpotWeight, r.OnDemandWeight)
	list.Between("dagster:runs.startTimeoutSeconds", r.StartTimeoutSeconds, 180, 3600)
	list.Check(r.MaxRuntimeSeconds >= 0, "dagster:runs.maxRuntimeSeconds", "%d is below 0", r.MaxRuntimeSeconds)
	list.Between("dagster:runs.maxRetries", r.MaxRetries, 0, 10)
	for i, limit := range r.TagLimits {
		key := fmt.Sprintf("dagster:runs.tagLimits[%d]", i)
		list.Required(key+".key", limit.Key)
		list.Check(limit.Value == "" || !limit.PerValue, key+".perValue", "true contradicts value %q", limit.Value)
		list.Between(key+".limit", limit.Limit, 0, r.MaxConcurrent)
	}
}

// fargate checks a pair of CPU and memory sizes.
func fargate(list *problems.List, key string, cpu, memory int) {
	allowed := capacity.Memories(cpu)
	if allowed == nil {
		list.Addf(key+".cpu", "%d is not a Fargate CPU size (%s)", cpu, join(capacity.CPUs()))
		return
	}
	list.Check(slices.Contains(allowed, memory), key+".memory", "%d is no memory that Fargate has with cpu %d (%s)", memory, cpu, join(allowed))
}

// validateCapacity checks the numbers against each other.
func (s Settings) validateCapacity(list *problems.List) {
	allowed, err := capacity.MaxConnections(s.Database.InstanceClass)
	if err != nil {
		list.Addf("dagster:database.instanceClass", "%v", err)
	} else {
		needed := capacity.Connections(s.Webserver.MaxInstances, s.Runs.MaxConcurrent)
		list.Check(needed <= allowed, "dagster:database.instanceClass",
			"%s allows %d connections, but webserver.maxInstances %d and runs.maxConcurrent %d may open %d",
			s.Database.InstanceClass, allowed, s.Webserver.MaxInstances, s.Runs.MaxConcurrent, needed)
	}
	if plan, err := subnets.Divide(s.Network.Cidr, s.Network.Zones); err == nil && !s.Network.Existing() {
		// a rolling webserver is there twice for a while; the daemon is one, the load balancer takes up to 8 per zone
		needed := s.Runs.MaxConcurrent + 2*s.Webserver.MaxInstances + 1 + 8*s.Network.Zones
		list.Check(needed <= plan.PrivateAddresses(), "dagster:network.cidr", "%s has %d addresses for tasks, but %d may be needed "+
			"with runs.maxConcurrent %d", s.Network.Cidr, plan.PrivateAddresses(), needed, s.Runs.MaxConcurrent)
	}
}
