package network

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

const (
	routeType    = "aws:ec2/route:Route"
	natType      = "aws:ec2/natGateway:NatGateway"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"
	groupType    = "aws:ec2/securityGroup:SecurityGroup"
	subnetType   = "aws:ec2/subnet:Subnet"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

func args(change func(*Args)) *Args {
	a := &Args{Location: here, NamePrefix: "asset-manager-dev", CidrBlock: "10.20.0.0/16", Zones: 2, Nat: NatSingle}
	if change != nil {
		change(a)
	}
	return a
}

func build(t *testing.T, a *Args, options ...pulumitest.Option) (*pulumitest.Recorder, *Network) {
	t.Helper()
	return pulumitest.Build(t, New, "net", a, options...)
}

// good is what the refusals start from.
func good(*testing.T) *Args { return args(nil) }

func TestEverythingDescendsFromTheComponent(t *testing.T) {
	r, _ := build(t, args(nil))
	for _, each := range r.All() {
		if each.Type != TypeToken && each.Parent != "net" {
			t.Errorf("%s %s has parent %q", each.Type, each.Name, each.Parent)
		}
		if each.Type != TypeToken && !strings.HasPrefix(each.Name, "net-") {
			t.Errorf("%s has a name that does not begin with the component's", each.Name)
		}
	}
}

func TestSingleNatServesAllZones(t *testing.T) {
	r, n := build(t, args(nil))
	if got := r.Names(natType); !slices.Equal(got, []string{"net-nat-us-west-1a"}) {
		t.Errorf("got NAT gateways %v, want one", got)
	}
	for _, route := range []string{"net-private-route-us-west-1a", "net-private-route-us-west-1b"} {
		if got := r.One(t, routeType, route).Input("natGatewayId"); got != "net-nat-us-west-1a-id" {
			t.Errorf("%s leads to %v", route, got)
		}
	}
	if got := r.Names(endpointType); !slices.Equal(got, []string{"net-endpoint-s3"}) {
		t.Errorf("got endpoints %v, want S3's only", got)
	}
	if len(r.Of(groupType)) != 0 {
		t.Error("a security group is made without interface endpoints")
	}
	if n.HasEndpoints || !n.HasNat {
		t.Errorf("HasEndpoints %v, HasNat %v", n.HasEndpoints, n.HasNat)
	}
}

func TestNatPerZone(t *testing.T) {
	r, _ := build(t, args(func(a *Args) { a.Nat, a.Zones = NatPerZone, 3 }))
	for _, zone := range []string{"us-west-1a", "us-west-1b", "us-west-1c"} {
		if got := r.One(t, routeType, "net-private-route-"+zone).Input("natGatewayId"); got != "net-nat-"+zone+"-id" {
			t.Errorf("%s leads to %v", zone, got)
		}
		nat := r.One(t, natType, "net-nat-"+zone)
		if !slices.Contains(nat.Dependencies, "net-gateway") {
			t.Errorf("%s does not wait for the internet gateway: %v", nat.Name, nat.Dependencies)
		}
	}
}

func TestWithoutNatTasksReachAwsByEndpoints(t *testing.T) {
	r, n := build(t, args(func(a *Args) { a.Nat, a.Endpoints = NatNone, []string{"ssm", "sqs"} }))
	if len(r.Of(natType)) != 0 || len(r.Of("aws:ec2/eip:Eip")) != 0 {
		t.Error("a NAT gateway or address is there")
	}
	if got := slices.Concat(r.Names(routeType), r.Names("aws:ec2/internetGateway:InternetGateway")); len(got) != 0 {
		t.Errorf("%v lead to the internet", got)
	}
	tasks := []string{"ecr.api", "ecr.dkr", "ecs", "logs", "ssm", "ssmmessages"}
	for _, service := range append([]string{"sqs"}, tasks...) {
		endpoint := r.One(t, endpointType, "net-endpoint-"+service)
		if endpoint.Input("privateDnsEnabled") != true || endpoint.Input("serviceName") != "com.amazonaws.us-west-1."+service {
			t.Errorf("%s: %v", service, endpoint.Inputs)
		}
	}
	if got, want := len(r.Of(endpointType)), len(tasks)+2; got != want {
		t.Errorf("got %d endpoints, want %d", got, want)
	}
	rule := r.One(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "net-endpoint-from-vpc")
	if rule.Input("cidrIpv4") != "10.20.0.0/16" || rule.Input("fromPort") != 443.0 || rule.Input("toPort") != 443.0 {
		t.Errorf("endpoints are open to %v", rule.Inputs)
	}
	if !n.HasEndpoints || n.HasNat {
		t.Errorf("HasEndpoints %v, HasNat %v", n.HasEndpoints, n.HasNat)
	}
}

func TestAnInternetFacingLoadBalancerHasPublicSubnetsWithoutNat(t *testing.T) {
	r, _ := build(t, args(func(a *Args) { a.Nat, a.InternetFacing = NatNone, true }))
	if got := r.Names(routeType); !slices.Equal(got, []string{"net-public-route"}) {
		t.Errorf("got routes %v, want the public one only", got)
	}
	if got := len(r.Of(subnetType)); got != 6 {
		t.Errorf("got %d subnets, want 6", got)
	}
}

func TestDatabaseSubnetsHaveNoRoute(t *testing.T) {
	r, _ := build(t, args(nil))
	for _, route := range r.Of(routeType) {
		if route.Input("routeTableId") == "net-database-table-id" {
			t.Errorf("%s leads out of the database subnets", route.Name)
		}
	}
	endpoint := r.One(t, endpointType, "net-endpoint-s3")
	if tables := endpoint.Input("routeTableIds").([]any); slices.Contains(tables, any("net-database-table-id")) {
		t.Error("the database subnets reach S3")
	}
	for _, zone := range []string{"us-west-1a", "us-west-1b"} {
		association := r.One(t, "aws:ec2/routeTableAssociation:RouteTableAssociation", "net-database-association-"+zone)
		if association.Input("routeTableId") != "net-database-table-id" {
			t.Errorf("database subnet in %s follows %v", zone, association.Input("routeTableId"))
		}
	}
}

func TestNoSubnetGivesPublicAddresses(t *testing.T) {
	r, _ := build(t, args(nil))
	if got := len(r.Of(subnetType)); got != 6 {
		t.Errorf("got %d subnets, want 6", got)
	}
	for _, subnet := range r.Of(subnetType) {
		if subnet.Input("mapPublicIpOnLaunch") != false {
			t.Errorf("%s gives public addresses", subnet.Name)
		}
	}
}

func TestDefaultGroupIsClosed(t *testing.T) {
	r, _ := build(t, args(nil))
	group := r.One(t, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "net-default-group")
	if group.Input("ingress") != nil || group.Input("egress") != nil {
		t.Errorf("the default group has rules: %v", group.Inputs)
	}
	if acls := r.Of("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"); len(acls) != 0 {
		t.Errorf("network ACLs are there: %v", acls)
	}
}

func TestFlowLogsAreEncryptedKeptAndProtectedAsAsked(t *testing.T) {
	r, _ := build(t, args(func(a *Args) { a.FlowLogs = FlowLogs{RetentionDays: 90, Keep: component.Keep{Protect: true}} }))
	group := r.One(t, "aws:cloudwatch/logGroup:LogGroup", "net-flow-log-group")
	if group.Input("retentionInDays") != 90.0 || group.Input("kmsKeyId") == nil {
		t.Errorf("log group: %v", group.Inputs)
	}
	key := r.One(t, "aws:kms/key:Key", "net-flow-log-key")
	for _, kept := range []pulumitest.Resource{group, key} {
		if kept.Protect == nil || !*kept.Protect || kept.Retain == nil || *kept.Retain {
			t.Errorf("%s: protect or retain is not as asked", kept.Name)
		}
	}
	var policy struct {
		Statement []struct {
			Sid       string
			Condition map[string]map[string]any
		}
	}
	key.Document(t, "policy", &policy)
	arns := policy.Statement[1].Condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"].([]any)
	if want := "arn:aws:logs:us-west-1:111122223333:log-group:asset-manager-dev/flow-logs"; len(arns) != 1 || arns[0] != want {
		t.Errorf("the key serves %v, want only %s", arns, want)
	}
}

func TestExistingNetworkIsNotTouched(t *testing.T) {
	a := &Args{Location: here, NamePrefix: "asset-manager-dev", Existing: &Existing{
		VpcID: "vpc-0a1b2c3d", PrivateSubnetIDs: []string{"subnet-0a1b2c3d", "subnet-1a1b2c3d"}, DatabaseSubnetIDs: []string{"subnet-2a1b2c3d", "subnet-3a1b2c3d"},
	}}
	answer := func(state resource.PropertyMap) pulumitest.Function {
		return func(resource.PropertyMap) (resource.PropertyMap, error) { return state, nil }
	}
	r, n := build(t, a,
		pulumitest.WithFunction("aws:ec2/getVpc:getVpc", answer(resource.PropertyMap{"cidrBlock": resource.NewProperty("172.16.0.0/16")})))
	if len(r.All()) != 1 {
		t.Errorf("resources are registered beside the component: %v", r.All())
	}
	if n.CidrBlock != "172.16.0.0/16" {
		t.Errorf("got range %s", n.CidrBlock)
	}
}

func TestZonesWithoutFargateAreLeftOut(t *testing.T) {
	zones := func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{
			"names": []any{"us-west-1a", "us-west-1b", "us-west-1c"}, "zoneIds": []any{"usw1-az3", "usw1-az2", "usw1-az1"},
		}), nil
	}
	r, _ := build(t, args(nil), pulumitest.WithFunction("aws:index/getAvailabilityZones:getAvailabilityZones", zones))
	for _, subnet := range r.Of("aws:ec2/subnet:Subnet") {
		if subnet.Input("availabilityZone") == "us-west-1b" {
			t.Errorf("%s is in a zone without Fargate", subnet.Name)
		}
	}
}

func TestTooFewZonesAreSaid(t *testing.T) {
	zones := func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{"names": resource.NewProperty([]resource.PropertyValue{resource.NewProperty("us-west-1b")})}, nil
	}
	r := pulumitest.New(pulumitest.WithFunction("aws:index/getAvailabilityZones:getAvailabilityZones", zones))
	err := r.Run(func(ctx *pulumi.Context) error {
		_, err := New(ctx, "net", args(nil))
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "2 are wanted and us-west-1 offers this account 1") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	build(t, args(func(a *Args) { a.Nat = NatNone }), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	existing := &Existing{VpcID: "vpc-1", PrivateSubnetIDs: []string{"a", "b"}, DatabaseSubnetIDs: []string{"c", "d"}}
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"NamePrefix: is required":            func(a *Args) { *a = Args{} },
		"Location.":                          func(a *Args) { *a = Args{} },
		"CidrBlock:":                         func(a *Args) { *a = Args{} },
		"CidrBlock: \"10.0.0.0/8\": is a /8": func(a *Args) { a.CidrBlock = "10.0.0.0/8" },
		"Zones: 5: too large":                func(a *Args) { a.Zones = 5 },
		"Nat: \"two\": unknown":              func(a *Args) { a.Nat = "two" },
		"Endpoints[1]: \"s3\"":               func(a *Args) { a.Endpoints = []string{"ssm", "s3"} },
		"FlowLogs.RetentionDays: -1":         func(a *Args) { a.FlowLogs.RetentionDays = -1 },
		"Existing: CidrBlock, Zones":         func(a *Args) { a.Existing = existing },
		"Existing.VpcID: is required":        func(a *Args) { *a = Args{Location: here, NamePrefix: "x", Existing: &Existing{}} },
		"Existing.PrivateSubnetIDs: has 0":   func(a *Args) { *a = Args{Location: here, NamePrefix: "x", Existing: &Existing{}} },
		"Existing.DatabaseSubnetIDs: has 0":  func(a *Args) { *a = Args{Location: here, NamePrefix: "x", Existing: &Existing{}} },
	})
}
