"""Give databases, load balancers, interface endpoints and NAT gateways the interfaces that they have on AWS.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html: services make interfaces in a customer's
subnets. What is there decides which ones: one of a database in one of its group's subnets, one in each subnet of a load
balancer and of an interface endpoint. Tasks come and go with their own (cloud.ecs.network).
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import alb, ec2, rds

from cloud.network import interfaces

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    alb: "_lbs",
    ec2: "_nat_gateways _network_interfaces _subnets _vpc_endpoints",
    rds: "_instances",
}


_lock = threading.Lock()


@dataclass(frozen=True)
class Wanted:
    """The interfaces that something has: one in each of the places, each a choice of subnets."""

    kind: str
    owner: str
    places: tuple[tuple[str, ...], ...]
    groups: tuple[str, ...]
    description: str
    public: bool = False


def wanted() -> Iterator[Wanted]:
    """What there is in the account and region of the call."""
    for database in list(rds._instances.values()):
        groups = tuple(each["VpcSecurityGroupId"] for each in database.get("VpcSecurityGroups") or [])
        if places := _database_places(database):
            yield Wanted(interfaces.DATABASE, database["DBInstanceArn"], places, groups, "RDSNetworkInterface")
    for balancer in list(alb._lbs.values()):
        description = f"ELB {balancer['LoadBalancerArn'].partition(':loadbalancer/')[2]}"
        places = tuple((each,) for each in balancer["Subnets"] if each in ec2._subnets)
        groups = tuple(balancer["SecurityGroups"])
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
        public = balancer["Scheme"] == "internet-facing"
        yield Wanted(interfaces.BALANCER, balancer["LoadBalancerArn"], places, groups, description, public)
    for endpoint in list(ec2._vpc_endpoints.values()):
        if endpoint["VpcEndpointType"] == "Interface":
            name, places = endpoint["VpcEndpointId"], tuple((each,) for each in endpoint["SubnetIds"])
            groups = tuple(endpoint.get("Groups", []))
            yield Wanted(interfaces.ENDPOINT, name, places, groups, f"VPC Endpoint Interface {name}")
    for gateway in list(ec2._nat_gateways.values()):
        if gateway["State"] == "available":
            name = gateway["NatGatewayId"]
            places = ((gateway["SubnetId"],),)
            yield Wanted(interfaces.NAT, name, places, (), f"Interface for NAT Gateway {name}")


def _database_places(database: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    names = [each["SubnetIdentifier"] for each in (database.get("DBSubnetGroup") or {}).get("Subnets") or []]
    known = [each for each in names if each in ec2._subnets]
    near = [each for each in known if ec2._subnets[each]["AvailabilityZone"] == database["AvailabilityZone"]]
    return (tuple(near or known),) if known else ()


def sync() -> None:
    """Make what is wanted and take away what is not, in every account and region."""
    stores = (rds._instances, alb._lbs, ec2._vpc_endpoints, ec2._nat_gateways, ec2._network_interfaces)
    for account, region in {key[:2] for store in stores for key, _ in list(store.all_items())}:
        with request_scope(account, region), _lock:
            _sync()


def _sync() -> None:
    there = list(wanted())
    owners = {each.owner for each in there}
    for interface in interfaces.all_owned():
        if interface[interfaces.KIND] != interfaces.TASK and interface[interfaces.OWNER] not in owners:
            interfaces.release(interface[interfaces.OWNER])
    for each in there:
        _settle(each)


def _settle(each: Wanted) -> None:
    own = interfaces.of(each.owner)
    for interface in own:
        if not any(interface["SubnetId"] in place for place in each.places):
            ec2._network_interfaces.pop(interface["NetworkInterfaceId"], None)
        elif interfaces.groups_of(interface) != list(each.groups):
            interfaces.set_groups(interface, list(each.groups))
    for place in each.places:
        if not any(interface["SubnetId"] in place for interface in own):
            interfaces.create(list(place), list(each.groups), each.kind, each.owner, each.description, each.public)
