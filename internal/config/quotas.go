package config

import (
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Quotas are what AWS allows the account in the region, as Service Quotas shows it.
type Quotas struct {
	// FargateVcpus is the quota of vCPUs on demand, L-3032A538. Webservers, twice during a deployment, daemon, gateway, maintenance
	// and runs must fit. 0: not known; a preview warns above 6, with which an account starts.
	FargateVcpus int `setting:"fargateVcpus"`

	// FargateSpotVcpus is the quota of vCPUs on Spot, L-36FBB829, for runs. 0: not known, as above.
	FargateSpotVcpus int `setting:"fargateSpotVcpus"`

	// RulesPerGroup is the quota of rules of a security group in each direction, L-0EA8095F. webserver.allowedCidrs takes one
	// for each range, two with a certificate, and code.destinations one each beside a few of the program's own.
	RulesPerGroup int `setting:"rulesPerGroup"`
}

func defaultQuotas() Quotas { return Quotas{RulesPerGroup: capacity.RulesPerGroup} }

// mostQuota bounds quotas: AWS gives less, and a larger number is a slip.
const mostQuota = 1_000_000

func (s Settings) validateQuotas(list *problems.List) {
	list.Between("dagster:quotas.fargateVcpus", s.Quotas.FargateVcpus, 0, mostQuota)
	list.Between("dagster:quotas.fargateSpotVcpus", s.Quotas.FargateSpotVcpus, 0, mostQuota)
	list.Between("dagster:quotas.rulesPerGroup", s.Quotas.RulesPerGroup, 1, mostQuota)
}

// Vcpus is how many vCPUs of Fargate the stack may take at a time, on demand and on Spot.
func (s Settings) Vcpus() (onDemand, spot float64) {
	return capacity.Vcpus(capacity.Workloads{
		WebserverCPU: s.Webserver.CPU, Webservers: s.Webserver.MaxInstances,
		DaemonCPU: s.Daemon.CPU, Gateway: s.Database.Connection.Via == rules.ConnectionGateway,
		Maintenance: s.Retention.Enabled,
		RunCPU:      s.Runs.CPU, Runs: s.Runs.MaxConcurrent, OnDemand: s.Runs.OnDemandWeight > 0, Spot: s.Runs.SpotWeight > 0,
	})
}

func enoughOnDemand(s Settings) error {
	onDemand, _ := s.Vcpus()
	return enoughVcpus(s.Quotas.FargateVcpus, onDemand, capacity.OnDemandQuota)
}

func enoughSpot(s Settings) error {
	_, spot := s.Vcpus()
	return enoughVcpus(s.Quotas.FargateSpotVcpus, spot, capacity.SpotQuota)
}

func enoughVcpus(quota int, needed float64, code string) error {
	return unless(quota == 0 || needed <= float64(quota),
		"%d: too few; up to %g vCPUs are needed at a time: ask Service Quotas for more of %s, or lower runs.maxConcurrent, "+
			"webserver.maxInstances or the sizes of the tasks", quota, needed, code)
}

// enoughRules checks that a rule per allowed range and port fits into a security group.
func enoughRules(s Settings) error {
	ports := 1
	if s.Webserver.CertificateArn != "" {
		ports = 2
	}
	needed := ports * len(s.Webserver.AllowedCidrs)
	if viaGateway(s) && s.Webserver.Access == rules.AccessInternal {
		needed++
	}
	if s.Monitoring.Enabled {
		needed += monitorRules(s)
	}
	return unless(needed <= s.Quotas.RulesPerGroup, "has %d ranges, which make %d rules of a security group; quotas.rulesPerGroup, %d, "+
		"are allowed (%s)", len(s.Webserver.AllowedCidrs), needed, s.Quotas.RulesPerGroup, capacity.RulesQuota)
}

// monitorRules is how many rules let the monitor in: its group, or each NAT gateway that it comes from to a load balancer
// that faces the internet.
func monitorRules(s Settings) int {
	switch {
	case s.Webserver.Access == rules.AccessInternal:
		return 1
	case s.Network.Existing():
		return 0
	case s.Network.Nat == rules.NatPerZone:
		return s.Network.Zones
	}
	return 1
}

// ownOutboundRules are the program's own: to the database, the internet, S3 and the interface endpoints.
const ownOutboundRules = 4

// enoughOutboundRules checks that a rule per destination fits into a security group.
func enoughOutboundRules(s Settings) error {
	needed := len(s.Code.Destinations) + ownOutboundRules
	return unless(needed <= s.Quotas.RulesPerGroup, "has %d destinations, which make %d rules of a security group with the program's own; "+
		"quotas.rulesPerGroup, %d, are allowed (%s)", len(s.Code.Destinations), needed, s.Quotas.RulesPerGroup, capacity.RulesQuota)
}
