// Package subnets divides the address range of a VPC among its subnets: arithmetic only, the same for the component that
// builds them and for the check that runs fit into them.
package subnets

import (
	"encoding/binary"
	"net/netip"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

const (
	// reserved is how many addresses AWS keeps of each subnet (VPC user guide, subnet sizing).
	reserved = 5

	// private subnets are quarters of the range, the last quarter is cut into eighths for the small subnets
	privateBits = 2
	smallBits   = 5
	// where the small subnets begin among the 32 pieces of the range
	firstPublic   = 24
	firstDatabase = 28
)

// Plan is the division of a range; each list has one block per zone.
type Plan struct {
	// Public subnets hold gateways and internet-facing load balancers.
	Public []netip.Prefix
	// Private subnets hold the tasks.
	Private []netip.Prefix
	// Database subnets have no route out.
	Database []netip.Prefix
}

// Divide cuts a range into subnets for 2 or 3 zones: each private subnet is a quarter of it, each public and each
// database subnet a thirty-second. The third zone's space stays free with two, so that a zone can be added later
// without moving a subnet. It refuses what rules.VpcRange and rules.Zones refuse.
func Divide(block string, zones int) (Plan, error) {
	var list problems.List
	list.Take("", rules.VpcRange(block))
	list.Take("zones", rules.Zones(zones))
	if err := list.Err(); err != nil {
		return Plan{}, err
	}
	whole := netip.MustParsePrefix(block)
	var plan Plan
	for zone := range zones {
		plan.Private = append(plan.Private, piece(whole, privateBits, zone))
		plan.Public = append(plan.Public, piece(whole, smallBits, firstPublic+zone))
		plan.Database = append(plan.Database, piece(whole, smallBits, firstDatabase+zone))
	}
	return plan, nil
}

// PrivateAddresses is how many addresses tasks can take in all private subnets together.
func (p Plan) PrivateAddresses() int {
	free := 0
	for _, subnet := range p.Private {
		free += 1<<(32-subnet.Bits()) - reserved
	}
	return free
}

// piece is the index-th block of those into which bits more divide the whole.
func piece(whole netip.Prefix, bits, index int) netip.Prefix {
	length := whole.Bits() + bits
	address := whole.Addr().As4()
	number := binary.BigEndian.Uint32(address[:]) + uint32(index)<<(32-length)
	binary.BigEndian.PutUint32(address[:], number)
	return netip.PrefixFrom(netip.AddrFrom4(address), length)
}
