package monitor

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/scheduled"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Peer is whom the function connects to.
type Peer = traffic.Peer

// Source is what the function is made of, and where its archive lies.
type Source = scheduled.Source

// Args describes the monitor.
type Args struct {
	// Names makes the physical names; required.
	Names naming.Names
	// Location is where the function runs; required.
	Location component.Location
	// Source is what the function is made of; required. Its bucket is the one that is tried.
	Source Source
	// Network is where the function connects from; required.
	Network Network
	// Webserver is who is asked; required.
	Webserver Webserver
	// Bucket is the bucket that is tried, as permissions name it; required.
	Bucket grants.Bucket
	// BackfillMinutes is the age at which a backfill without a run under way counts as stuck; required.
	BackfillMinutes int
	// Log is the log group that the function writes to, from which CloudWatch makes its metrics; required.
	Log logs.Group
}

// Network is where the function connects from.
type Network struct {
	// VpcID is the VPC; required.
	VpcID pulumi.StringInput
	// Subnets are the function's subnets, which take an address each; required.
	Subnets pulumi.StringArrayInput
	// Reach is where the function connects to: S3 and the webserver's load balancer.
	Reach []Peer
}

// Webserver is who is asked.
type Webserver struct {
	// URL is where GraphQL answers, without a slash at its end; required.
	URL pulumi.StringInput
	// Hostname is the name that the certificate is for. Default that of the URL.
	Hostname string
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	list.Take("Source", a.Source.Validate())
	list.Check(a.Network.VpcID != nil, "Network.VpcID", "is required")
	list.Check(a.Network.Subnets != nil, "Network.Subnets", "is required")
	traffic.Check(&list, "Network.Reach", a.Network.Reach)
	list.Check(a.Webserver.URL != nil, "Webserver.URL", "is required")
	list.Take("Bucket", a.Bucket.Validate())
	list.Take("BackfillMinutes", rules.AlarmMinutes(a.BackfillMinutes))
	list.Take("Log", a.Log.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"architecture": pulumi.String(a.Source.Architecture)}
}
