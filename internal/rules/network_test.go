package rules

import (
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	const such = "; a range is such as 10.0.0.0/8"
	check(t, []answer{
		{IPv4Range("0.0.0.0/0"), ""},
		{IPv4Range("198.51.100.7/32"), ""},
		{IPv4Range(""), "is required"},
		{IPv4Range("198.51.100.7"), `"198.51.100.7": has no prefix length; a single address ends with /32`},
		{IPv4Range("10.0.0.1/8"), `"10.0.0.1/8": has an address within the range; 10.0.0.0/8 is the range's name`},
		{IPv4Range("10.0.0.0/33"), `"10.0.0.0/33": does not read as an address and a prefix length` + such},
		{IPv4Range("fd00::/8"), `"fd00::/8": is IPv6; IPv4 is allowed` + such},
	})
}

func TestAllowListsTowardsTheInternetAreNarrow(t *testing.T) {
	const wide = `": is wider than /8; with access internet-facing /8 to /32 is allowed: Dagster has no login`
	facing := func(cidrs ...string) error { return AllowList(cidrs, AccessInternetFacing) }
	check(t, []answer{
		{AllowList(nil, AccessInternal), ""},
		{AllowList([]string{"0.0.0.0/0"}, AccessInternal), ""},
		{facing("198.51.100.0/24", "10.0.0.0/8"), ""},
		{facing(), "is required with access internet-facing: Dagster has no login"},
		{facing("0.0.0.0/0"), `[0]: "0.0.0.0/0` + wide},
		{facing("0.0.0.0/1", "128.0.0.0/1"), `[0]: "0.0.0.0/1` + wide + "\n" + `[1]: "128.0.0.0/1` + wide},
		{AllowList([]string{"198.51.100.0/24", "203.0.113.0/24", "198.51.100.0/24", "x"}, AccessInternal),
			`[2]: "198.51.100.0/24": stands there twice; once is allowed` + "\n" +
				`[3]: "x": has no prefix length; a single address ends with /32`},
	})
}

func TestIDsOfNetworks(t *testing.T) {
	const such = "; subnet- and 8 or 17 hexadecimal digits are allowed"
	check(t, []answer{
		{VpcID("vpc-0a1b2c3d"), ""},
		{VpcID("vpc-0a1b2c3d4e5f60718"), ""},
		{VpcID("subnet-0a1b2c3d"), `"subnet-0a1b2c3d": begins with something else than vpc-; vpc- and 8 or 17 hexadecimal digits are allowed`},
		{subnetID("subnet-0a1b2c3d4e5f60718"), ""},
		{subnetID(""), "is required"},
		{subnetID("subnet-0a1b2c3d4e5f6000"), `"subnet-0a1b2c3d4e5f6000": has 16 digits` + such},
		{subnetID("subnet-0a1b2c3g"), `"subnet-0a1b2c3g": has 'g'` + such},
		{subnetID("subnet-0A1B2C3D"), `"subnet-0A1B2C3D": has upper case` + such},
		{SubnetIDs([]string{"subnet-0a1b2c3d", "subnet-1a1b2c3d"}), ""},
		{SubnetIDs(nil), "has 0; two subnets in two zones at least are needed"},
		{SubnetIDs([]string{"subnet-0a1b2c3d", "subnet-0a1b2c3d"}), `[1]: "subnet-0a1b2c3d": stands there twice; once is allowed`},
		{SubnetIDs([]string{"subnet-0a1b2c3d", "b", "", ""}), `[1]: "b": begins with something else than subnet-` + such +
			"\n[2]: is required\n[3]: is required"},
	})
}

func TestPortsAndHosts(t *testing.T) {
	label := strings.Repeat("a", 64)
	check(t, []answer{
		{Port(1), ""},
		{Port(65535), ""},
		{Port(0), "0: too small; 1 to 65535 is allowed"},
		{Port(65536), "65536: too large; 1 to 65535 is allowed"},
		{Host("127.0.0.1"), ""},
		{Host("::1"), ""},
		{Host("db.example.com"), ""},
		{Host(""), "is required"},
		{HostName("dagster.example.com"), ""},
		{HostName("10.0.0.1"), `"10.0.0.1": is an address; a name is allowed`},
		{HostName("https://dagster.example.com"), `"https://dagster.example.com": has a scheme; the host alone is allowed`},
		{Host("tcp://127.0.0.1"), `"tcp://127.0.0.1": has a scheme; the host alone is allowed`},
		{Host("localhost:5432"), `"localhost:5432": has ':'; an address, or letters, digits, dots and hyphens are allowed`},
		{Host("10.0.0.300"), `"10.0.0.300": ends with a number as addresses do, but its parts are not four numbers from 0 to 255`},
		{Host("0.0.0.0"), `"0.0.0.0": is the address of no host; that of one is allowed`},
		{Host("a..b"), `"a..b": has the part ""; 1 to 63 letters, digits and hyphens within are allowed between dots`},
		{Host("a.-b"), `"a.-b": has the part "-b"; 1 to 63 letters, digits and hyphens within are allowed between dots`},
		{Host(label), `"` + label + `": has the part "` + label + `"; 1 to 63 letters, digits and hyphens within are allowed between dots`},
		{Host(strings.Repeat("a.", 126) + "ab"), `"` + strings.Repeat("a.", 126) + `ab": has 254 characters; 1 to 253 are allowed`},
	})
}

func TestReasonsOfTraffic(t *testing.T) {
	check(t, []answer{
		{TrafficReason("AWS APIs (ECR, ECS): [1]+=&;{}!$*#@/._-"), ""},
		{TrafficReason(""), "is required"},
		{TrafficReason("the balancer's checks"),
			`"the balancer's checks": has '\''; letters, digits and ._-:/()#,@[]+=&;{}!$* are allowed`},
		{TrafficReason("two\nlines"), `"two\nlines": has white space; letters, digits and ._-:/()#,@[]+=&;{}!$* are allowed`},
	})
}

func TestRangesAndZonesOfVpcs(t *testing.T) {
	check(t, []answer{
		{VpcRange("10.64.0.0/16"), ""},
		{VpcRange("192.168.0.0/22"), ""},
		{VpcRange(""), "is required"},
		{VpcRange("10.20.0.1/16"), `"10.20.0.1/16": has an address within the range; 10.20.0.0/16 is the range's name`},
		{VpcRange("10.0.0.0/8"), `"10.0.0.0/8": is a /8; /16 to /22 is allowed`},
		{VpcRange("10.0.0.0/23"), `"10.0.0.0/23": is a /23; /16 to /22 is allowed`},
		{VpcRange("8.8.0.0/16"), `"8.8.0.0/16": is public; ranges within 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are allowed`},
		{Zones(2), ""},
		{Zones(1), "1: too small; 2 to 3 is allowed"},
		{Zones(4), "4: too large; 2 to 3 is allowed"},
	})
}
