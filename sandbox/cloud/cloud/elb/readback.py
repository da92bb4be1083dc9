"""Show a load balancer in the VPC and the zones of its subnets, and no listener of one that is gone.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html, API_AvailabilityZone.html
and API_DeleteLoadBalancer.html (its listeners go with it). MiniStack names no VPC, the region's first zone for every
subnet, and leaves the listeners.
"""

import re
from typing import Any

from ministack.services import alb, ec2

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    alb: "_delete_listener _listeners _p _parse_member_list",
    ec2: "_subnets",
}

_ZONE = re.compile(r"<ZoneName>[^<]*</ZoneName><SubnetId>([^<]*)</SubnetId>")


def _create_balancer(old: Any, params: dict[str, Any]) -> Any:
    subnets = [ec2._subnets.get(each) for each in alb._parse_member_list(params, "Subnets")]
    vpcs = [subnet["VpcId"] for subnet in subnets if subnet]
    return old({**params, "VpcId": vpcs[0]} if vpcs else params)


def _zoned(text: str) -> str:
    def zone(found: re.Match[str]) -> str:
        subnet = ec2._subnets.get(found[1])
        if subnet is None:
            return found[0]
        return f"<ZoneName>{subnet['AvailabilityZone']}</ZoneName><SubnetId>{found[1]}</SubnetId>"

    return _ZONE.sub(zone, text)


def _balancer_xml(old: Any, lb: dict[str, Any]) -> str:
    return _zoned(old(lb))


def _set_subnets(old: Any, params: dict[str, Any]) -> Any:
    status, headers, body = old(params)
    return status, headers, _zoned(body.decode()).encode()


def _delete_balancer(old: Any, params: dict[str, Any]) -> Any:
    arn = alb._p(params, "LoadBalancerArn")
    for listener in [key for key, each in alb._listeners.items() if each["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener})
    return old(params)


def install() -> None:
    """Look at the subnets when a balancer is made and when it is shown, and at its listeners when it goes."""
    patch.wrap(alb, "_create_lb", _create_balancer, "params")
    patch.wrap(alb, "_lb_xml", _balancer_xml, "lb")
    patch.wrap(alb, "_set_subnets", _set_subnets, "params")
    patch.wrap(alb, "_delete_lb", _delete_balancer, "params")
