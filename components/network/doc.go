// Package network builds the network that Dagster runs in, or takes over an existing one.
//
// It builds a VPC over two or three zones with private and database subnets, public ones where something in them needs the
// internet, the ways out of the private ones (NAT gateways, the S3 gateway endpoint, interface endpoints), flow logs under a
// key of their own and a closed default security group. It owns no workload's security group, only that of the interface endpoints.
//
// It refuses ranges outside /16 to /22, other than two or three zones, and an existing network that is named in part.
//
// Logical names of children are API: `<name>-<kind>` and `<name>-<kind>-<zone>`.
package network
