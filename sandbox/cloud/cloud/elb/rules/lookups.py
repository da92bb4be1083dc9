"""Calls that look up what is not there, or by ARNs that are none."""

import re
from typing import Any

from ministack.services import alb

from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_lbs _listeners _rules _tgs",
}

_RULES = "listener rule"
# The kinds of ARNs: how they are called, their resource, and the code for one that is not there.
_KINDS: dict[str, tuple[Any, str, str, str]] = {
    "LoadBalancer": (alb._lbs, "load balancer", "loadbalancer", "LoadBalancerNotFound"),
    "Listener": (alb._listeners, "listener", "listener", "ListenerNotFound"),
    "TargetGroup": (alb._tgs, "target group", "targetgroup", "TargetGroupNotFound"),
    "Rule": (alb._rules, _RULES, "listener-rule", "RuleNotFound"),
}
_WITH_ARNS = (
    "AddListenerCertificates CreateListener CreateRule DeleteListener DeleteLoadBalancer DeleteRule DeleteTargetGroup "
    "DeregisterTargets DescribeListenerAttributes DescribeListeners DescribeLoadBalancerAttributes "
    "DescribeLoadBalancers DescribeRules DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth "
    "ModifyListener ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup "
    "ModifyTargetGroupAttributes RegisterTargets SetIpAddressType SetSecurityGroups SetSubnets"
)


def well_formed(kind: str, arn: str) -> None:
    """Refuse what is no ARN of the kind."""
    _, what, resource, _ = _KINDS[kind]
    if not re.fullmatch(rf"arn:[\w-]+:elasticloadbalancing:[\w-]+:\d+:{resource}/.+", arn):
        raise Refused("ValidationError", f"'{arn}' is not a valid {what} ARN")


@rule("elbv2", _WITH_ARNS)
def _form(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html"""
    for kind in _KINDS:
        one = call.parameters.get(f"{kind}Arn")
        for arn in [one] if one else call.parameters.get(f"{kind}Arns") or []:
            well_formed(kind, arn)


@rule("elbv2", "DescribeListeners DescribeLoadBalancers DescribeRules DescribeTargetGroups ModifyRule DeleteRule")
def _existing(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html, Errors"""
    for kind, (store, what, _, code) in _KINDS.items():
        one = call.parameters.get(f"{kind}Arn")
        every = [one] if one else call.parameters.get(f"{kind}Arns") or []
        if any(arn not in store for arn in every):
            raise Refused(code, f"One or more {'rules' if kind == 'Rule' else what + 's'} not found")
    names = {each["TargetGroupName"] for each in alb._tgs.values()}
    if call.operation == "DescribeTargetGroups" and set(call.parameters.get("Names") or []) - names:
        raise Refused("TargetGroupNotFound", "One or more target groups not found")


@rule("elbv2", "DescribeListeners DescribeRules")
def _of_something(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html"""
    what, of = ("listener", "load balancer") if call.operation == "DescribeListeners" else (_RULES, "listener")
    if not any(name.endswith(("Arn", "Arns")) for name in call.parameters):
        raise Refused("ValidationError", f"You must specify either {what} ARNs or a {of} ARN")
