// Package cost estimates what a stack costs in a month, from its settings, for people who decide about a change. Traffic, requests,
// logs, data and runs are left out: docs/deploy.md, What it costs.
package cost

import (
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/rules"
)

// hours is how many a month has, on average.
const hours = 730

// AWS's on-demand list prices of us-east-1 in 2026, in US dollars.
const (
	natGateway     = (0.045 + 0.005) * hours // with its address
	loadBalancer   = 0.0225 * hours
	vcpu           = 0.04048 * hours
	memoryGiB      = 0.004445 * hours
	endpoint       = 0.01 * hours // of one zone
	diskGiB        = 0.115
	key            = 1.0
	monitoring     = 13.0
	keysAlone      = 5
	keysReplicated = 2
	// endpoints are the interface endpoints of a network without a way to the internet.
	endpoints = 6
)

// classes are the hourly prices of PostgreSQL on RDS, in one zone.
var classes = map[string]float64{
	"db.t4g.micro": 0.016, "db.t4g.small": 0.032, "db.t4g.medium": 0.065, "db.t4g.large": 0.129,
	"db.m6g.large": 0.159, "db.m6g.xlarge": 0.318, "db.m6g.2xlarge": 0.636, "db.m6g.4xlarge": 1.272,
	"db.r6g.large": 0.225, "db.r6g.xlarge": 0.45, "db.r6g.2xlarge": 0.899,
}

// Monthly is the estimate in US dollars; false where the class of the database has no price here, which is left out then.
func Monthly(s config.Settings) (usd float64, whole bool) {
	class, whole := classes[s.Database.InstanceClass]
	zones := 1.0
	if s.Database.MultiAz {
		zones = 2
	}
	usd = zones*(class*hours+float64(s.Database.StorageGiB)*diskGiB) + loadBalancer + keysAlone*key + network(s)
	usd += float64(s.Webserver.MinInstances)*task(s.Webserver.CPU, s.Webserver.Memory) + task(s.Daemon.CPU, s.Daemon.Memory)
	if s.ReplicaRegion != "" {
		usd += keysReplicated * key
	}
	if s.Monitoring.Enabled {
		usd += monitoring
	}
	return usd, whole
}

// task is a task that runs all month; its processor is in units of 1/1024 vCPU, its memory in MiB.
func task(cpu, memory int) float64 { return float64(cpu)/1024*vcpu + float64(memory)/1024*memoryGiB }

func network(s config.Settings) float64 {
	switch {
	case s.Network.VpcID != "":
		return 0
	case s.Network.Nat == rules.NatNone:
		return float64(endpoints*s.Network.Zones) * endpoint
	case s.Network.Nat == rules.NatSingle:
		return natGateway
	}
	return float64(s.Network.Zones) * natGateway
}
