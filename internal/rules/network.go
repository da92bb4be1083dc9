package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"dagster-ecs/internal/problems"
)

// widestRange is the shortest prefix length of a range that may come in from the internet: nobody owns more than a /8, and
// two halves of the internet are the internet.
const widestRange = 8

// IPv4Range refuses what is not an IPv4 range in CIDR notation, with the first address of the range before the slash (EC2
// API reference, IpRange).
func IPv4Range(cidr string) error {
	const such = "; a range is such as 10.0.0.0/8"
	if cidr == "" {
		return errRequired
	}
	if !strings.Contains(cidr, "/") {
		return refuse(cidr, "has no prefix length; a single address ends with /32")
	}
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return refuse(cidr, "does not read as an address and a prefix length"+such)
	case !prefix.Addr().Is4():
		return refuse(cidr, "is IPv6; IPv4 is allowed"+such)
	case prefix.Masked() != prefix:
		return refuse(cidr, fmt.Sprintf("has an address within the range; %s is the range's name", prefix.Masked()))
	}
	return nil
}

// AllowList refuses ranges from which a load balancer may not be reached: what IPv4Range refuses, one that stands there
// twice (EC2 AuthorizeSecurityGroupIngress, InvalidPermission.Duplicate), and towards the internet an empty list or one
// wider than a /8: Dagster has no login.
func AllowList(cidrs []string, access AccessMode) error {
	var list problems.List
	facing := access == AccessInternetFacing
	list.Check(!facing || len(cidrs) > 0, "", "is required with access %s: Dagster has no login", access)
	seen := map[string]bool{}
	for i, cidr := range cidrs {
		at := fmt.Sprintf("[%d]", i)
		if err := IPv4Range(cidr); err != nil {
			list.Take(at, err)
			continue
		}
		list.Check(!seen[cidr], at, "%q: stands there twice; once is allowed", cidr)
		seen[cidr] = true
		bits := netip.MustParsePrefix(cidr).Bits()
		list.Check(!facing || bits >= widestRange, at,
			"%q: is wider than /%d; with access %s /%d to /32 is allowed: Dagster has no login", cidr, widestRange, access, widestRange)
	}
	return list.Err()
}

// VpcID refuses what has not the form of a VPC's id.
func VpcID(id string) error { return resourceID(id, "vpc-") }

// subnetID refuses what has not the form of a subnet's id.
func subnetID(id string) error { return resourceID(id, "subnet-") }

// resourceID refuses what is not a beginning and 8 or 17 hexadecimal digits (EC2 user guide, resource IDs).
func resourceID(id, beginning string) error {
	such := fmt.Sprintf("; %s and 8 or 17 hexadecimal digits are allowed", beginning)
	if id == "" {
		return errRequired
	}
	digits, found := strings.CutPrefix(id, beginning)
	if !found {
		return refuse(id, "begins with something else than "+beginning+such)
	}
	if wrong := stray(digits, isHex); wrong != "" {
		return refuse(id, wrong+such)
	}
	if len(digits) != 8 && len(digits) != 17 {
		return refuse(id, fmt.Sprintf("has %d digits%s", len(digits), such))
	}
	return nil
}

// subnetLimit is how many subnets a task can be given (ECS API reference, AwsVpcConfiguration).
const subnetLimit = 16

// SubnetIDs refuses a list that cannot span two zones, with fewer than two ids or one twice, more than subnetLimit, and what
// has not the form of a subnet's id. A load balancer and an RDS subnet group need two zones (ELBv2 CreateLoadBalancer,
// Subnets; RDS CreateDBSubnetGroup).
func SubnetIDs(ids []string) error {
	var list problems.List
	list.Check(len(ids) >= 2, "", "has %d; two subnets in two zones at least are needed", len(ids))
	list.Check(len(ids) <= subnetLimit, "", "has %d; %d are allowed", len(ids), subnetLimit)
	list.Take("", eachOnce(ids, subnetID))
	return list.Err()
}

// eachOnce refuses what a rule refuses of a list, and what stands there twice.
func eachOnce(texts []string, rule func(string) error) error {
	var list problems.List
	seen := map[string]bool{}
	for i, text := range texts {
		at := fmt.Sprintf("[%d]", i)
		list.Take(at, rule(text))
		list.Check(text == "" || !seen[text], at, "%q: stands there twice; once is allowed", text)
		seen[text] = true
	}
	return list.Err()
}

// EndpointServices refuses services that cannot get an interface endpoint: what is not the last part of an endpoint
// service's name, such as ecr.api, S3, which has a gateway endpoint, and one that stands there twice (VPC user guide,
// AWS services that integrate with PrivateLink).
func EndpointServices(services []string) error {
	var list problems.List
	for i, service := range services {
		at := fmt.Sprintf("[%d]", i)
		if parts := strings.SplitN(service, ".", 4); len(parts) == 4 && parts[1] == "amazonaws" {
			list.Addf(at, "%q: is the whole name; %s is allowed", service, parts[3])
			continue
		}
		list.Take(at, plain(service, 64, or(isLowerOrDigit, ".-"), "lower-case letters, digits, dots and hyphens are allowed"))
		list.Check(service != "ecr", at, "%q: has no endpoint; ecr.api and ecr.dkr are allowed", service)
		list.Check(service != "s3", at, "%q: has a gateway endpoint already; other services are allowed", service)
		list.Check(!slices.Contains(services[:i], service), at, "%q: stands there twice; once is allowed", service)
	}
	return list.Err()
}

// Port refuses what is not a TCP port, 1 to 65535 (RFC 9293).
func Port(port int) error { return problems.Between(port, 1, 65535) }

// Host refuses what is neither an address nor a host name: labels of up to 63 letters, digits and hyphens, 253 characters
// in all, the last label not a number (RFC 1123, section 2.1; RFC 3696, section 2).
func Host(host string) error {
	if host == "" {
		return errRequired
	}
	if address, err := netip.ParseAddr(host); err == nil {
		if address.IsUnspecified() || address.IsMulticast() {
			return refuse(host, "is the address of no host; that of one is allowed")
		}
		return nil
	}
	if _, _, found := strings.Cut(host, "://"); found {
		return refuse(host, "has a scheme; the host alone is allowed")
	}
	if found := stray(host, or(isLetterOrDigit, ".-")); found != "" {
		return refuse(host, found+"; an address, or letters, digits, dots and hyphens are allowed")
	}
	labels := strings.Split(host, ".")
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" && last != "" {
		return refuse(host, "ends with a number as addresses do, but its parts are not four numbers from 0 to 255")
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return refuse(host, fmt.Sprintf("has the part %q; 1 to 63 letters, digits and hyphens within are allowed between dots", label))
		}
	}
	return refuse(host, length(host, 1, 253))
}

// HostName refuses what Host does, and addresses: a certificate and a DNS record are for a name.
func HostName(name string) error {
	if _, err := netip.ParseAddr(name); err == nil {
		return refuse(name, "is an address; a name is allowed")
	}
	return Host(name)
}

// TrafficReason refuses what cannot be the description of a security group's rule: 1 to 255 letters, digits, spaces and
// ._-:/()#,@[]+=&;{}!$* (EC2 API reference, IpRange, Description).
func TrafficReason(reason string) error {
	const marks = " ._-:/()#,@[]+=&;{}!$*"
	return plain(reason, 255, or(isLetterOrDigit, marks), "letters, digits and"+marks+" are allowed")
}

// MaxZones is for how many availability zones the range of a VPC is divided.
const MaxZones = 3

// Zones refuses a number of availability zones outside of 2, which a load balancer needs (ELBv2 CreateLoadBalancer,
// Subnets), to MaxZones.
func Zones(zones int) error { return problems.Between(zones, 2, MaxZones) }

// VpcRange refuses what cannot be the range of a new VPC: what IPv4Range refuses, ranges that are not private (RFC 1918;
// VPC user guide, VPC CIDR blocks, which recommends these) and sizes other than /16, the largest of a VPC, to /22, below
// which the subnets of load balancers would be smaller than their /27.
func VpcRange(cidr string) error {
	if err := IPv4Range(cidr); err != nil {
		return err
	}
	switch prefix := netip.MustParsePrefix(cidr); {
	case prefix.Bits() < 16 || prefix.Bits() > 22:
		return refuse(cidr, fmt.Sprintf("is a /%d; /16 to /22 is allowed", prefix.Bits()))
	case !prefix.Addr().IsPrivate():
		return refuse(cidr, "is public; ranges within 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are allowed")
	}
	return nil
}
