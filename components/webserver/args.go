package webserver

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/service"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes the webserver.
type Args struct {
	// Spec is what every workload of Dagster is given; required.
	Spec workload.Spec
	// Scaling is how many instances run; required.
	Scaling Scaling
	// Front is the load balancer; required.
	Front Front
	// Files are what the webserver reads at its start; required.
	Files configuration.Files
	// Bucket is the bucket for compute logs and configuration; required.
	Bucket grants.Bucket
	// Runs are what a person may stop from the UI, by their task definitions; at least one.
	Runs []grants.Runs
	// Alarms are those that fail a deployment of it. Nil says nothing of them.
	Alarms *service.Alarms
	// Before is what must have happened before the webserver is created or changed. Default nothing.
	Before service.Before
}

// Scaling is how many instances run.
type Scaling struct {
	// Min is how many instances run at least, 1 or more; required.
	Min int
	// Max is how many instances run at most, no fewer than Min. Equal to Min means that nothing scales.
	Max int
	// Sleeps says that something else takes the instances away and brings Min of them back. Default false.
	Sleeps bool
}

// Access is who can reach the UI.
type Access = rules.AccessMode

// The ways to reach the UI.
const (
	AccessInternal       = rules.AccessInternal
	AccessInternetFacing = rules.AccessInternetFacing
)

// Front is the load balancer.
type Front struct {
	// Access is whether the load balancer faces the internet or has private addresses only; required.
	Access Access
	// Subnets are the subnets of the load balancer, in two zones at least: public ones to face the internet; required.
	Subnets pulumi.StringArrayInput
	// AllowedCidrs are the IPv4 ranges that may connect; required without a Gateway, and none wider than /8 from the internet.
	AllowedCidrs []string
	// Gateway is the security group of a gateway, through which people come from outside of the network. Default nil: none.
	Gateway pulumi.StringInput
	// NatAddresses are the public addresses, by zone, from which the network's own processes come to a load balancer that
	// faces the internet: the monitor's way, which all of them may go. Default none.
	NatAddresses map[string]pulumi.StringOutput
	// CertificateArn is the ACM certificate for HTTPS. Empty means plain HTTP, refused towards the internet.
	CertificateArn string
	// Hostname is the name that the certificate is for and that a DNS record outside of this program leads from. Empty: the
	// load balancer's own name.
	Hostname string
	// IdleSeconds is how long a silent connection is kept, above 60: the UI's websockets are quiet that long; required.
	IdleSeconds int
	// AccessLogs is the bucket that the load balancer records requests in, below the prefix that it lets load balancers write to; required.
	AccessLogs pulumi.StringInput
	// Protect makes AWS refuse to delete the load balancer. Default false.
	Protect bool
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Take("Scaling.Min", rules.TaskCount(a.Scaling.Min))
	list.Take("Scaling.Max", rules.TaskCount(a.Scaling.Max))
	list.Check(a.Scaling.Max >= a.Scaling.Min, "Scaling.Max", "%d is below Min %d", a.Scaling.Max, a.Scaling.Min)
	list.Take("Files", a.Files.Validate())
	list.Take("Bucket", a.Bucket.Validate())
	grants.CheckRuns(&list, a.Runs)
	list.Take("Front", a.Front.validate(a.Spec.Platform.Location))
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := a.Spec.Inputs()
	inputs["minInstances"] = pulumi.Int(a.Scaling.Min)
	inputs["maxInstances"] = pulumi.Int(a.Scaling.Max)
	inputs["access"] = pulumi.String(a.Front.Access)
	inputs["allowedCidrs"] = pulumi.ToStringArray(a.Front.AllowedCidrs)
	return inputs
}

func (f Front) validate(at component.Location) error {
	var list problems.List
	list.Take("Access", rules.Known(f.Access))
	list.Check(f.Subnets != nil, "Subnets", "is required")
	list.Check(f.AccessLogs != nil, "AccessLogs", "is required")
	list.Take("IdleSeconds", rules.IdleTimeout(f.IdleSeconds))
	list.Check(len(f.AllowedCidrs) > 0 || f.Gateway != nil, "AllowedCidrs", "is required without a Gateway")
	list.Take("AllowedCidrs", rules.AllowList(f.AllowedCidrs, f.Access))
	list.Check(f.Access != rules.AccessInternetFacing || f.CertificateArn != "", "CertificateArn",
		"is required with access %s", f.Access)
	if f.Hostname != "" {
		list.Take("Hostname", rules.HostName(f.Hostname))
	}
	if f.CertificateArn != "" {
		list.Take("CertificateArn", rules.Certificate(f.CertificateArn, at.Region, at.Account))
	}
	return list.Err()
}
