"""Names lead to addresses on the bridge; inside of a VPC those stand for the addresses of interfaces.

The names of databases and load balancers are looked up on the bridge. A connection from the VPC to such an address is
led to the interface, where security groups decide.
"""

from collections.abc import Iterable
from typing import Any

from ministack.services import rds

from cloud.network import interfaces

# What this module uses of MiniStack.
NEEDS = {
    rds: "_instances",
}


def translated(namespaces: Iterable[Any], interface: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What an interface's VPC has of them: addresses on the bridge, and those in the VPC."""
    bridges = {each.owner: each.bridge for each in list(namespaces)}
    # Kept with the database: after a restart tasks that run on reach it before its namespace is known again.
    bridges |= {each["DBInstanceArn"]: each.get("_internal_address", "") for each in list(rds._instances.values())}
    found = []
    for owner, bridge in bridges.items():
        for own in interfaces.of(owner)[:1]:
            other = own[interfaces.KIND] in (interfaces.DATABASE, interfaces.BALANCER)
            if bridge and other and own["VpcId"] == interface["VpcId"]:
                found.append((bridge, own["PrivateIpAddress"]))
    return tuple(sorted(found))
