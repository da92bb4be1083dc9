package webserver

import (
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/configuration"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
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
	// Store is the bucket for compute logs and configuration; required.
	Store grants.Store
}

// Scaling is how many instances run.
type Scaling struct {
	// Min is how many instances run at least, 1 or more; required.
	Min int
	// Max is how many instances run at most, no fewer than Min. Equal to Min means that nothing scales.
	Max int
}

// Front is the load balancer.
type Front struct {
	// Subnets are the subnets of the load balancer, in two zones at least: public ones when Internet; required.
	Subnets pulumi.StringArrayInput
	// Internet makes the load balancer face the internet. Default false: it has private addresses only.
	Internet bool
	// AllowedCidrs are the IPv4 ranges that may connect; required, and not everybody when Internet.
	AllowedCidrs []string
	// CertificateArn is the ACM certificate for HTTPS. Empty means plain HTTP, refused when Internet.
	CertificateArn string
	// IdleSeconds is how long a silent connection is kept, above 60: the UI's websockets are quiet that long; required.
	IdleSeconds int
	// Protect makes AWS refuse to delete the load balancer. Default false.
	Protect bool
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Nest("Spec", a.Spec.Validate())
	list.Between("Scaling.Min", a.Scaling.Min, 1, 1000)
	list.Between("Scaling.Max", a.Scaling.Max, a.Scaling.Min, 1000)
	list.Nest("Files", a.Files.Validate())
	list.Nest("Store", a.Store.Validate())
	list.Nest("Front", a.Front.validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := a.Spec.Inputs()
	inputs["minInstances"] = pulumi.Int(a.Scaling.Min)
	inputs["maxInstances"] = pulumi.Int(a.Scaling.Max)
	inputs["internet"] = pulumi.Bool(a.Front.Internet)
	inputs["allowedCidrs"] = pulumi.ToStringArray(a.Front.AllowedCidrs)
	return inputs
}

func (f Front) validate() error {
	var list problems.List
	list.Check(f.Subnets != nil, "Subnets", "is required")
	list.Between("IdleSeconds", f.IdleSeconds, 61, 4000)
	list.Check(len(f.AllowedCidrs) > 0, "AllowedCidrs", "is required")
	for _, cidr := range f.AllowedCidrs {
		prefix, err := netip.ParsePrefix(cidr)
		list.Check(err == nil && prefix.Addr().Is4(), "AllowedCidrs", "%q is no IPv4 range", cidr)
	}
	list.Check(!f.Internet || f.CertificateArn != "", "CertificateArn", "is required to face the internet")
	list.Check(!f.Internet || !slices.Contains(f.AllowedCidrs, anywhere), "AllowedCidrs",
		"%s may not come in from the internet: Dagster has no login", anywhere)
	return list.Err()
}
