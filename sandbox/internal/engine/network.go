package engine

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/netip"
	"strings"
)

// bridges are the addresses of all sandboxes' bridge networks, for tests of networks by RFC 2544 (appendix C.2.2), so
// that no VPC and no network of a person's has them: engines would take one of 10.0.0.0/8 or 172.16.0.0/12, as a VPC does.
var bridges = netip.MustParsePrefix("198.18.0.0/15")

// Each bridge network is a /24; this many are tried, since other sandboxes may have some.
const (
	bridgeBits = 24
	tries      = 64
)

// NetworkCreate makes the bridge network name with a label ("key=value") unless it exists. Its range, a /24 of
// 198.18.0.0/15, follows from the name; where that is taken it is the next one that is free.
func (e *Engine) NetworkCreate(ctx context.Context, name, label string) error {
	if _, err := e.Run(ctx, "network", "inspect", name); err == nil {
		return nil
	}
	var taken error
	for attempt := range tries {
		subnet := bridge(name, attempt).String()
		_, err := e.Run(ctx, "network", "create", "--driver", "bridge", "--subnet", subnet, "--label", label, name)
		if err == nil {
			return nil
		}
		// Podman's words, and Docker's.
		if !strings.Contains(err.Error(), "already used") && !strings.Contains(err.Error(), "overlaps") {
			return fmt.Errorf("create network %s: %w", name, err)
		}
		taken = err
	}
	return fmt.Errorf("create network %s: %d ranges of %s are taken: %w", name, tries, bridges, taken)
}

// bridge is the range that the network of this name is given at an attempt.
func bridge(name string, attempt int) netip.Prefix {
	hash := fnv.New32a()
	hash.Write([]byte(name))
	pieces := uint32(1) << (bridgeBits - bridges.Bits())
	piece := (hash.Sum32() + uint32(attempt)) % pieces
	address := bridges.Addr().As4()
	address[1] += byte(piece >> 8)
	address[2] += byte(piece)
	return netip.PrefixFrom(netip.AddrFrom4(address), bridgeBits)
}
