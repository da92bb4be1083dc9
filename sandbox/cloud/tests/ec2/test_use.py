"""Interfaces and addresses show what has them."""

from collections.abc import Iterator
from typing import Any

import pytest
from helpers.network import ACCOUNT, REGION, Network, network_of_tasks

from cloud.ec2 import answers
from cloud.network import interfaces, owners
from cloud.requests.rules import Call

CALL = Call("ec2", "Describe", {}, REGION, ACCOUNT)


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        owners.sync()
        yield found


def shown(interface: dict[str, Any]) -> dict[str, Any]:
    """An interface as DescribeNetworkInterfaces shows it."""
    found = {name: interface[name] for name in ("NetworkInterfaceId", "PrivateIpAddress")}
    answers._network_interfaces(CALL, {"NetworkInterfaces": [found]})
    return found


def test_the_address_of_a_nat_gateway_is_that_of_its_interface(network: Network) -> None:
    (own,) = interfaces.of(network.nat)
    allocation = answers.ec2._nat_gateways[network.nat]["AllocationId"]
    address: dict[str, Any] = {"AllocationId": allocation}
    answers._addresses(CALL, {"Addresses": [address]})
    assert address["NetworkInterfaceId"] == own["NetworkInterfaceId"]
    assert address["PrivateIpAddress"] == own["PrivateIpAddress"]
    association = shown(own)["Association"]
    assert (association["PublicIp"], association["AssociationId"]) == (network.public, address["AssociationId"])


def test_an_interface_says_which_service_has_made_it(network: Network) -> None:
    one = interfaces.create([network.subnet], [], interfaces.DATABASE, "db", "RDSNetworkInterface")
    found = shown(one)
    assert (found["RequesterManaged"], found["RequesterId"]) == (True, "amazon-rds")
    assert found["Attachment"]["InstanceOwnerId"] == "amazon-rds"
    assert "Association" not in found
