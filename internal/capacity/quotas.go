package capacity

// The quotas that a stack can run into, with which an account starts.
const (
	// FargateVcpus is for how many vCPUs there is capacity, on demand and on Spot each (Amazon ECS service quotas, Fargate
	// On-Demand vCPU resource count and Fargate Spot vCPU resource count). AWS raises it on request and by use.
	FargateVcpus = 6
	// RulesPerGroup is how many rules let traffic into a security group (Amazon VPC quotas, inbound rules per group).
	RulesPerGroup = 60
)

// The codes by which Service Quotas knows them.
const (
	OnDemandQuota = "L-3032A538"
	SpotQuota     = "L-36FBB829"
	RulesQuota    = "L-0EA8095F"
)

// GatewayCPU is the least that Fargate has, in its units: the gateway passes on what others say.
const GatewayCPU = 256

// MaintenanceCPU is what removes old runs in small parts, in the same units.
const MaintenanceCPU = 512

// gateways is how many tasks of the gateway there are at a time: an update's own, and one for a person's tunnel.
const gateways = 2

// unitsPerVcpu is how many of Fargate's units of CPU make a vCPU.
const unitsPerVcpu = 1024

// Workloads are what takes vCPUs of Fargate: for each kind the units of one task and how many there are at most.
type Workloads struct {
	WebserverCPU, Webservers int
	DaemonCPU                int
	RunCPU, Runs             int
	// Gateway tells whether people come in by the gateway, Maintenance whether old runs are looked for.
	Gateway, Maintenance bool
	// OnDemand and Spot tell on which of the two runs are started.
	OnDemand, Spot bool
}

// Vcpus is how many vCPUs may be taken at a time, on demand and on Spot. A deployment runs every webserver twice for a
// while, and the migration may be beside the daemon. Of runs that are started on both all may be on one: the weights are
// no bound.
func Vcpus(of Workloads) (onDemand, spot float64) {
	runs := of.RunCPU * of.Runs
	units := 2*of.WebserverCPU*of.Webservers + 2*of.DaemonCPU
	if of.Gateway {
		units += gateways * GatewayCPU
	}
	if of.Maintenance {
		units += MaintenanceCPU
	}
	if of.OnDemand {
		units += runs
	}
	if of.Spot {
		spot = float64(runs) / unitsPerVcpu
	}
	return float64(units) / unitsPerVcpu, spot
}
