package stacks_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

const (
	internetFacing = "dagster:webserver: {access: internet-facing, allowedCidrs: [198.51.100.0/24]}"
	existingVpc    = "dagster:network: {vpcId: vpc-0a1b2c3d4e5f60718, privateSubnetIds: [subnet-0a1b2c3d4e5f60001, subnet-0a1b2c3d4e5f60002], " +
		"databaseSubnetIds: [subnet-0a1b2c3d4e5f60003, subnet-0a1b2c3d4e5f60004]}"
)

// networks are the stacks and the settings that change who reaches whom, by the names of their golden files.
var networks = map[string]struct{ stack, set string }{
	"dev": {"dev", ""}, "prod": {"prod", ""},
	"internet-facing": {"prod", internetFacing},
	"without-nat":     {"dev", "dagster:network: {nat: none}"},
	"existing-vpc":    {"dev", existingVpc},
}

// recordNetwork runs the program with the settings of one of the networks.
func recordNetwork(t *testing.T, name string) *pulumitest.Recorder {
	t.Helper()
	network := networks[name]
	values, secrets := written(t, network.stack, network.set)
	says := func(key, text string) pulumitest.Function {
		return func(resource.PropertyMap) (resource.PropertyMap, error) {
			return resource.PropertyMap{resource.PropertyKey(key): resource.NewProperty(text)}, nil
		}
	}
	return pulumitest.Record(t, stacks.Deploy, inStack(network.stack), pulumitest.WithConfig(values, secrets...),
		pulumitest.WithFunction("aws:ec2/getVpc:getVpc", says("cidrBlock", "172.16.0.0/16")))
}

// rule is a rule of a security group. Its peer is a range, a prefix list or the id of another group.
type rule struct {
	group, peer, protocol string
	from, to              float64
}

// rulesOf reads the rules of one direction.
func rulesOf(recorder *pulumitest.Recorder, token string) (rules []rule) {
	for _, each := range recorder.Of(token) {
		r := rule{group: each.Input("securityGroupId").(string), protocol: each.Input("ipProtocol").(string)}
		for _, kind := range []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"} {
			if peer, ok := each.Input(kind).(string); ok {
				r.peer = peer
			}
		}
		r.from, _ = each.Input("fromPort").(float64)
		r.to, _ = each.Input("toPort").(float64)
		if r.protocol == "-1" {
			r.from, r.to = 0, 65535
		}
		rules = append(rules, r)
	}
	return rules
}

// covers says whether a rule is about what has a group, by the group or by a range that it shares with the VPC.
func (r rule) covers(group string, vpc netip.Prefix) bool {
	cidr, err := netip.ParsePrefix(r.peer)
	return r.peer == group || err == nil && cidr.Overlaps(vpc)
}

func (r rule) ports() string {
	text := fmt.Sprintf("%s %.0f", strings.Replace(r.protocol, "-1", "any", 1), r.from)
	if r.to != r.from {
		text += fmt.Sprintf("-%.0f", r.to)
	}
	return text
}

// reach lists who opens connections to whom, a line each: what one end's way out and the other's way in both allow, and
// what leads out of the groups.
func reach(t *testing.T, recorder *pulumitest.Recorder) []string {
	t.Helper()
	groups := map[string]string{}
	for _, each := range recorder.Of(awstest.SecurityGroup) {
		groups[each.Name+"-id"] = strings.TrimSuffix(each.Name, "-group")
	}
	for _, each := range append(recorder.Of(awstest.SecurityGroup), recorder.Of("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")...) {
		if each.Input("ingress") != nil || each.Input("egress") != nil {
			t.Errorf("%s has rules within it, which this list does not read", each.Name)
		}
	}
	if old := recorder.Names("aws:ec2/securityGroupRule:SecurityGroupRule"); len(old) > 0 {
		t.Errorf("%v are rules of a type that this list does not read", old)
	}
	vpc := netip.MustParsePrefix(recorder.One(t, "dagster-ecs:network:Network", "network").Outputs["cidrBlock"].StringValue())
	out, in := rulesOf(recorder, awstest.EgressRule), rulesOf(recorder, awstest.IngressRule)
	var lines []string
	for _, leaves := range out {
		if groups[leaves.peer] == "" {
			lines = append(lines, fmt.Sprintf("%s reaches %s at %s", groups[leaves.group], leaves.peer, leaves.ports()))
		}
		for _, enters := range in {
			both := leaves
			both.from, both.to = max(leaves.from, enters.from), min(leaves.to, enters.to)
			if both.from <= both.to && leaves.covers(enters.group, vpc) && enters.covers(leaves.group, vpc) {
				lines = append(lines, fmt.Sprintf("%s reaches %s at %s", groups[leaves.group], groups[enters.group], both.ports()))
			}
		}
	}
	for _, enters := range in {
		if groups[enters.peer] == "" {
			lines = append(lines, fmt.Sprintf("%s reaches %s at %s", enters.peer, groups[enters.group], enters.ports()))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func TestGoldenOfWhoReachesWhom(t *testing.T) {
	for name := range networks {
		t.Run(name, func(t *testing.T) {
			pulumitest.Golden(t, "reach."+name+".txt", func() ([]byte, error) {
				return []byte(strings.Join(reach(t, recordNetwork(t, name)), "\n") + "\n"), nil
			})
		})
	}
}

// documented is what docs/architecture.md says under "Who connects to whom". Nothing else is ever open.
var documented = regexp.MustCompile(`^(` + strings.Join([]string{
	`(webserver|daemon|runs|migration|maintenance|gateway)-tasks reaches (database-instance at tcp 5432|(0\.0\.0\.0/0|pl-\S+|network-endpoint) at tcp 443)`,
	`gateway-tasks reaches webserver-balancer at tcp (80|443)`,
	`monitor-function reaches (webserver-balancer at tcp (80|443)|(0\.0\.0\.0/0|pl-\S+) at tcp 443)`,
	`webserver-balancer reaches webserver-tasks at tcp 3000`,
	`[0-9./]+ reaches webserver-balancer at tcp (80|443)`,
	`10\.64\.0\.0/16 reaches network-endpoint at tcp 443`,
}, "|") + `)$`)

func TestNobodyReachesMoreThanIsDocumented(t *testing.T) {
	for name := range networks {
		recorder := recordNetwork(t, name)
		facing := recorder.One(t, "aws:lb/loadBalancer:LoadBalancer", "webserver-balancer").Input("internal") == false
		for _, line := range reach(t, recorder) {
			from, _, _ := strings.Cut(line, " ")
			cidr, err := netip.ParsePrefix(from)
			switch {
			case !documented.MatchString(line):
				t.Errorf("%s: open and not documented: %s", name, line)
			case err == nil && !cidr.Addr().IsPrivate() && !facing:
				t.Errorf("%s: open to addresses of the internet: %s", name, line)
			case name == "without-nat" && strings.Contains(line, "0.0.0.0/0"):
				t.Errorf("%s: open outwards, where nothing leads out: %s", name, line)
			}
		}
	}
}

func TestTheMonitorReachesTheLoadBalancer(t *testing.T) {
	for name := range networks {
		comers := []string{"monitor-function"}
		if name == "internet-facing" {
			comers = []string{"203.0.113.97/32", "203.0.113.98/32"} // the NAT gateways of both zones
		}
		lines := strings.Join(reach(t, recordNetwork(t, name)), "\n")
		for _, comer := range comers {
			if !strings.Contains(lines, comer+" reaches webserver-balancer at tcp ") {
				t.Errorf("%s: %s does not reach it", name, comer)
			}
		}
	}
}

// AWS refuses an internet-facing load balancer in a VPC without an internet gateway.
func TestAPublicLoadBalancerWaitsForTheInternetGateway(t *testing.T) {
	balancer := recordNetwork(t, "internet-facing").One(t, "aws:lb/loadBalancer:LoadBalancer", "webserver-balancer")
	if balancer.Input("internal") != false || !slices.Contains(balancer.Dependencies, "network-gateway") {
		t.Errorf("internal %v, waits for %v", balancer.Input("internal"), balancer.Dependencies)
	}
}

func TestTheLoadBalancerAloneCanHaveAPublicAddress(t *testing.T) {
	for name := range networks {
		recorder := recordNetwork(t, name)
		for _, each := range recorder.Of(awstest.Service) {
			network, _ := each.Input("networkConfiguration").(map[string]any)
			own := []any{strings.TrimSuffix(each.Name, "-service") + "-tasks-group-id"}
			if network["assignPublicIp"] != false || fmt.Sprint(network["securityGroups"]) != fmt.Sprint(own) {
				t.Errorf("%s: the network of %s is %v", name, each.Name, network)
			}
		}
		database := recorder.One(t, "aws:rds/instance:Instance", "database-instance")
		if groups := fmt.Sprint(database.Input("vpcSecurityGroupIds")); database.Input("publiclyAccessible") != false || groups != "[database-instance-group-id]" {
			t.Errorf("%s: the database has the groups %s, and a public address: %v", name, groups, database.Input("publiclyAccessible"))
		}
	}
}
