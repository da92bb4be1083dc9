"""Refuse to delete a load balancer that is protected, or a target group that is in use.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html (its listeners go with
it) and API_DeleteTargetGroup.html. MiniStack deletes both, and leaves the listeners.
"""

from typing import Any

from ministack.services import alb

from cloud.core import patch
from cloud.elb import health

# What this module uses of MiniStack.
NEEDS = {
    alb: "_delete_listener _error _lb_attrs _listeners _p",
}


def _delete_balancer(old: Any, params: dict[str, Any]) -> Any:
    arn = alb._p(params, "LoadBalancerArn")
    if {"Key": "deletion_protection.enabled", "Value": "true"} in alb._lb_attrs.get(arn, []):
        reason = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        return alb._error("OperationNotPermitted", reason)
    for listener in [key for key, each in alb._listeners.items() if each["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener})
    return old(params)


def _delete_group(old: Any, params: dict[str, Any]) -> Any:
    arn = alb._p(params, "TargetGroupArn")
    if health.in_use(arn):
        return alb._error("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    return old(params)


def install() -> None:
    """Put the refusals before the deletions."""
    patch.wrap(alb, "_delete_lb", _delete_balancer, "params")
    patch.wrap(alb, "_delete_tg", _delete_group, "params")
