package network

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
	"dagster-ecs/internal/subnets"
)

// Nat is how private subnets reach the internet.
type Nat = rules.NatMode

// The ways out of the private subnets.
const (
	NatNone    = rules.NatNone
	NatSingle  = rules.NatSingle
	NatPerZone = rules.NatPerZone
)

// Args say what network to build. With Existing set, all else but Location and NamePrefix must be left out.
type Args struct {
	// Location is where the network is built; required.
	Location component.Location
	// NamePrefix begins physical names and Name tags, such as asset-manager-dev; required.
	NamePrefix string
	// Existing is the network to use instead of building one. Default: build one.
	Existing *Existing
	// CidrBlock is the private IPv4 range of the VPC, /16 to /22; required unless Existing. Changing it replaces all.
	CidrBlock string
	// Zones is the number of availability zones, 2 or 3; required unless Existing. The first of the region by name.
	Zones int
	// Nat is how private subnets reach the internet. Default NatNone.
	Nat Nat
	// InternetFacing says that a load balancer will face the internet. Default false: without a NAT gateway the VPC has no
	// public subnets and no internet gateway then.
	InternetFacing bool
	// Endpoints are further services to make interface endpoints for, such as "ssm". Each costs money per zone and
	// hour. Default: none where there is a NAT gateway, what tasks need where there is not.
	Endpoints []string
	// FlowLogs says how the record of the traffic is kept.
	FlowLogs FlowLogs
}

// Existing names a network that something else owns.
type Existing struct {
	// VpcID is the VPC's id; required.
	VpcID string
	// PrivateSubnetIDs are subnets for tasks, in two zones at least; required.
	PrivateSubnetIDs []string
	// DatabaseSubnetIDs are subnets for the database, in two zones at least; required.
	DatabaseSubnetIDs []string
	// PublicSubnetIDs are subnets for an internet-facing load balancer. Default none.
	PublicSubnetIDs []string
}

// FlowLogs says how the record of the VPC's traffic is kept.
type FlowLogs struct {
	// RetentionDays is how long records are kept, a period that CloudWatch Logs offers. Default 30.
	RetentionDays int
	// Keep says whether log group and key are held on to.
	Keep component.Keep
}

// defaultRetentionDays is how long flow logs are kept when nothing is said.
const defaultRetentionDays = 30

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Take("NamePrefix", rules.NamePrefix(a.NamePrefix))
	p.Take("Location", a.Location.Validate())
	if a.Existing != nil {
		p.Take("Existing", a.Existing.validate())
		p.Check(a.CidrBlock == "" && a.Zones == 0 && a.Nat == "" && !a.InternetFacing && len(a.Endpoints) == 0, "Existing",
			"CidrBlock, Zones, Nat, InternetFacing and Endpoints must be left out with an existing network")
		return p.Err()
	}
	p.Take("CidrBlock", rules.VpcRange(a.CidrBlock))
	p.Take("Zones", rules.Zones(a.Zones))
	p.Take("Nat", rules.Known(a.nat()))
	p.Take("Endpoints", rules.EndpointServices(a.Endpoints))
	p.Take("FlowLogs.RetentionDays", rules.LogRetention(a.FlowLogs.retentionDays()))
	return p.Err()
}

func (e *Existing) validate() error {
	var p problems.List
	p.Take("VpcID", rules.VpcID(e.VpcID))
	p.Take("PrivateSubnetIDs", rules.SubnetIDs(e.PrivateSubnetIDs))
	p.Take("DatabaseSubnetIDs", rules.SubnetIDs(e.DatabaseSubnetIDs))
	if len(e.PublicSubnetIDs) > 0 {
		p.Take("PublicSubnetIDs", rules.SubnetIDs(e.PublicSubnetIDs))
	}
	return p.Err()
}

// Inputs are the facts recorded in the component's state.
func (a *Args) Inputs() pulumi.Map {
	if a.Existing != nil {
		return pulumi.Map{"vpcId": pulumi.String(a.Existing.VpcID)}
	}
	return pulumi.Map{
		"cidrBlock": pulumi.String(a.CidrBlock),
		"zones":     pulumi.Int(a.Zones),
		"nat":       pulumi.String(a.nat()),
		"endpoints": pulumi.ToStringArray(a.services()),
	}
}

func (a *Args) nat() Nat {
	if a.Nat == "" {
		return NatNone
	}
	return a.Nat
}

// public says whether the VPC has public subnets, which an internet gateway leads to.
func (a *Args) public() bool {
	return a.nat() != NatNone || a.InternetFacing
}

// services are those that get an interface endpoint, sorted.
func (a *Args) services() []string {
	return subnets.Endpoints(a.nat(), a.Endpoints)
}

func (f FlowLogs) retentionDays() int {
	if f.RetentionDays == 0 {
		return defaultRetentionDays
	}
	return f.RetentionDays
}
