"""An interface has a free address of its subnet for as long as it is there."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

import pytest
from helpers.network import Network, made, network_of_tasks
from ministack.services import ec2

from cloud.network import interfaces


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        yield found


def test_addresses_are_of_the_subnet_and_not_those_that_aws_keeps(network: Network) -> None:
    subnet = made("CreateSubnet", VpcId=network.vpc, CidrBlock="10.0.9.0/28")
    addresses = {network.task(f"task-{number}", subnet=subnet)["PrivateIpAddress"] for number in range(11)}
    block = IPv4Network("10.0.9.0/28")
    assert addresses == {str(each) for each in list(block)[4:-1]}
    with pytest.raises(interfaces.FullError, match=subnet):
        network.task("one-more", subnet=subnet)


def test_a_released_address_is_free_again(network: Network) -> None:
    subnet = made("CreateSubnet", VpcId=network.vpc, CidrBlock="10.0.9.0/28")
    before = interfaces.count_free(ec2._subnets[subnet])
    network.task("a", subnet=subnet)
    assert interfaces.count_free(ec2._subnets[subnet]) == before - 1
    interfaces.release("a")
    assert interfaces.count_free(ec2._subnets[subnet]) == before == 11


def test_tasks_spread_over_the_subnets_and_avoid_a_full_one(network: Network) -> None:
    small = made("CreateSubnet", VpcId=network.vpc, CidrBlock="10.0.9.0/28")
    large = made("CreateSubnet", VpcId=network.vpc, CidrBlock="10.0.10.0/24")
    chosen = [
        interfaces.create([small, large], [], interfaces.TASK, f"task-{number}", "a task")["SubnetId"]
        for number in range(30)
    ]
    assert set(chosen[:2]) == {small, large}
    assert (chosen.count(small), chosen.count(large)) == (11, 19)
    assert len({each["PrivateIpAddress"] for each in interfaces.all_owned()}) == 30
    assert all(IPv4Address(each["PrivateIpAddress"]) in IPv4Network("10.0.0.0/16") for each in interfaces.all_owned())
