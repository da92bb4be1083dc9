"""Routes lead where they were made to lead, and are blackholes when that is gone."""

from typing import Any

from helpers.emulator import Emulator
from helpers.topology import Network

BLOCK = "198.51.100.0/24"


def routes(network: Network) -> list[dict[str, Any]]:
    """What is read back, but for the local route."""
    found = network.ec2.describe_route_tables(RouteTableIds=[network.table])["RouteTables"][0]["Routes"]
    return [each for each in found if each.get("GatewayId") != "local"]


def test_a_route_keeps_its_target_and_its_destination(aws: Emulator) -> None:
    network = Network(aws)
    ec2, own = network.ec2, {"RouteTableId": network.table}
    made = ec2.create_network_interface(SubnetId=network.subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
    listed = ec2.create_managed_prefix_list(PrefixListName="l", MaxEntries=1, AddressFamily="IPv4")["PrefixList"]
    by_list = {"DestinationPrefixListId": listed["PrefixListId"]}
    ec2.create_route(**own, DestinationCidrBlock="198.51.100.7/24", NetworkInterfaceId=made)
    ec2.create_route(**own, **by_list, GatewayId=network.gateway)
    first, second = routes(network)
    assert (first["DestinationCidrBlock"], first["NetworkInterfaceId"], first["State"]) == (BLOCK, made, "active")
    assert (second["DestinationPrefixListId"], second["GatewayId"]) == (listed["PrefixListId"], network.gateway)
    ec2.replace_route(**own, **by_list, NetworkInterfaceId=made)
    first, second = routes(network)
    assert first["NetworkInterfaceId"] == second["NetworkInterfaceId"] == made
    assert "GatewayId" not in second
    ec2.delete_route(**own, **by_list)
    assert routes(network) == [first]


def test_a_route_whose_target_is_gone_is_a_blackhole(aws: Emulator) -> None:
    network = Network(aws)
    ec2, own = network.ec2, {"RouteTableId": network.table}
    nat = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=network.address())["NatGateway"]
    interface = ec2.create_network_interface(SubnetId=network.subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
    ec2.create_route(**own, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat["NatGatewayId"])
    ec2.create_route(**own, DestinationCidrBlock=BLOCK, NetworkInterfaceId=interface)
    assert [each["State"] for each in routes(network)] == ["active", "active"]
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    ec2.delete_network_interface(NetworkInterfaceId=interface)
    assert [each["State"] for each in routes(network)] == ["blackhole", "blackhole"]
