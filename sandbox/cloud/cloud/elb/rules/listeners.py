"""Listeners and their rules."""

import re
from typing import Any

from ministack.services import alb

from cloud.acm import certificates
from cloud.elb.rules.lookups import well_formed
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_lbs _listeners _rules _tgs",
}

_WEB = ("HTTP", "HTTPS")

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
_POLICIES = (
    "2016-08 FS-1-1-2019-08 FS-1-2-2019-08 FS-1-2-Res-2019-08 FS-1-2-Res-2020-10 FS-2018-06 TLS-1-0-2015-04 "
    "TLS-1-1-2017-01 TLS-1-2-2017-01 TLS-1-2-Ext-2018-06 TLS13-1-0-2021-06 TLS13-1-0-FIPS-2023-04 "
    "TLS13-1-0-FIPS-PQ-2025-09 TLS13-1-0-PQ-2025-09 TLS13-1-1-2021-06 TLS13-1-1-FIPS-2023-04 "
    "TLS13-1-2-2021-06 TLS13-1-2-FIPS-2023-04 TLS13-1-2-FIPS-PQ-2025-09 TLS13-1-2-PQ-2025-09 "
    "TLS13-1-2-Ext0-FIPS-2023-04 TLS13-1-2-Ext0-FIPS-PQ-2025-09 TLS13-1-2-Ext0-RFC9151-FIPS-2023-07 "
    "TLS13-1-2-Ext1-2021-06 TLS13-1-2-Ext1-FIPS-2023-04 TLS13-1-2-Ext1-FIPS-PQ-2025-09 "
    "TLS13-1-2-Ext1-PQ-2025-09 TLS13-1-2-Ext2-2021-06 TLS13-1-2-Ext2-FIPS-2023-04 "
    "TLS13-1-2-Ext2-FIPS-PQ-2025-09 TLS13-1-2-Ext2-PQ-2025-09 TLS13-1-2-RFC9151-FIPS-2023-07 "
    "TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07 TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07 "
    "TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07 TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07 TLS13-1-2-Res-2021-06 "
    "TLS13-1-2-Res-FIPS-2023-04 TLS13-1-2-Res-FIPS-PQ-2025-09 TLS13-1-2-Res-PQ-2025-09 TLS13-1-3-2021-06 "
    "TLS13-1-3-FIPS-2023-04 TLS13-1-3-FIPS-PQ-2025-09 TLS13-1-3-PQ-2025-09 TLS13-1-3-RFC9151-FIPS-2023-07 "
    "TLS13-1-3-CNSA2-INTEROP1-FIPS-PQ-2026-07 TLS13-1-2-CNSA2-INTEROP2-FIPS-PQ-2026-07 "
    "TLS13-1-2-CNSA2-INTEROP3-FIPS-PQ-2026-07"
)


def _after(call: Call) -> dict[str, Any]:
    """The listener as the call would leave it."""
    before = alb._listeners.get(call.parameters.get("ListenerArn")) or {}
    return before | call.parameters


@rule("elbv2", "CreateListener ModifyListener")
def _port_and_protocol(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html"""
    now = _after(call)
    balancer = alb._lbs.get(now.get("LoadBalancerArn"))
    if balancer is None or balancer["Type"] != "application":
        return  # MiniStack says so
    if call.parameters.get("AlpnPolicy"):
        raise Refused("ValidationError", "An ALPN policy can only be specified for TLS listeners")
    for parameter, what in (("Port", "port"), ("Protocol", "protocol")):
        if not now.get(parameter):
            raise Refused("ValidationError", f"A listener {what} must be specified")
    if now["Protocol"] not in _WEB:
        raise Refused("ValidationError", f"Listener protocol '{now['Protocol']}' must be one of '{', '.join(_WEB)}'")
    for arn, each in alb._listeners.items():
        there = (each["LoadBalancerArn"], each["Port"]) == (now["LoadBalancerArn"], now["Port"])
        if there and arn != call.parameters.get("ListenerArn"):
            words = f"A listener already exists on this port for this load balancer '{now['LoadBalancerArn']}'"
            raise Refused("DuplicateListener", words)


@rule("elbv2", "CreateListener ModifyListener")
def _tls(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html"""
    now, given = _after(call), call.parameters
    arns = [each.get("CertificateArn", "") for each in given.get("Certificates") or []]
    policy = given.get("SslPolicy")
    if now.get("Protocol") == "HTTP":
        if arns:
            raise Refused("ValidationError", "A certificate cannot be specified for HTTP listeners")
        if policy:
            raise Refused("ValidationError", "An SSL policy cannot be specified for HTTP listeners")
        return
    if now.get("Protocol") == "HTTPS" and not now.get("Certificates"):
        raise Refused("ValidationError", "A certificate must be specified for HTTPS listeners")
    if policy and policy not in [f"ELBSecurityPolicy-{name}" for name in _POLICIES.split()]:
        raise Refused("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    if len(arns) == 1:  # MiniStack refuses more
        _certificate(arns[0], call)


@rule("elbv2", "AddListenerCertificates")
def _further(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html"""
    for each in call.parameters["Certificates"]:
        _certificate(each.get("CertificateArn", ""), call)


def _certificate(arn: str, call: Call) -> None:
    """Of ACM in the balancer's region and account, and issued; there is none of IAM's here."""
    found = re.fullmatch(r"arn:[\w-]+:acm:([^:]*):([^:]*):certificate/.+", arn)
    if found and found.groups() != (call.region, call.account):
        raise Refused("ValidationError", f"Certificate ARN '{arn}' is not valid")
    certificate = certificates.find(arn)
    if certificate is None:
        raise Refused("CertificateNotFound", f"Certificate '{arn}' not found")
    if certificate["Status"] != "ISSUED":
        needed = "a fully-qualified domain name, a supported signature, and a supported key size"
        raise Refused("UnsupportedCertificate", f"The certificate '{arn}' must have {needed}.")


@rule("elbv2", "CreateListener ModifyListener CreateRule ModifyRule")
def _actions(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html"""
    actions = call.parameters.get("DefaultActions") or call.parameters.get("Actions") or []
    if call.operation == "CreateRule" and not actions:
        raise Refused("ValidationError", "A rule must have at least one action")
    if call.operation == "CreateListener" and not actions:
        raise Refused("ValidationError", "A listener must have at least one default action")
    if len(actions) > 1 and any("Order" not in each for each in actions):
        words = "When you specify multiple actions, you must specify an order for each action"
        raise Refused("ValidationError", words)
    ordered = sorted(actions, key=lambda each: each.get("Order", 1))
    for number, each in enumerate(ordered, start=1):
        ends = each["Type"] in _CONFIGURATIONS
        if ends and number < len(ordered):
            words = f"An action of type '{each['Type']}' must have a higher order than all other actions"
            raise Refused("ValidationError", words)
        if not ends and number == len(ordered):
            words = "The last action must be of one of the types 'forward', 'redirect', 'fixed-response'"
            raise Refused("InvalidLoadBalancerAction", words)
        _action(each, call)


_CONFIGURATIONS = {"forward": "TargetGroupArn", "redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}
_GROUPS, _WEIGHT = 5, 999
_CONTENT = ("text/html", "application/json", "application/javascript", "text/css", "text/plain")


def _action(action: dict[str, Any], call: Call) -> None:
    kind = action["Type"]
    needed = _CONFIGURATIONS.get(kind)
    if needed and needed not in action and not (kind == "forward" and action.get("ForwardConfig")):
        words = f"For actions of type '{kind}', you must specify the following fields: '{needed}'"
        raise Refused("ValidationError", words)
    if kind == "redirect":
        _redirect(action["RedirectConfig"], call)
    if kind == "fixed-response" and action["FixedResponseConfig"].get("ContentType", _CONTENT[0]) not in _CONTENT:
        shown = ", ".join(f"'{each}'" for each in _CONTENT)
        raise Refused("InvalidLoadBalancerAction", f"The ContentType must be one of:{shown}.")
    if kind == "forward":
        _forward(action, call)


def _forward(action: dict[str, Any], call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html"""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    listed = [each.get("TargetGroupArn") for each in groups]
    alone = [action["TargetGroupArn"]] if action.get("TargetGroupArn") else []
    problem = ""
    if listed and alone and listed != alone:
        problem = "You can specify both a target group list and a top-level target group ARN only if the ARNs match"
    elif not listed and not alone:
        problem = "For actions of type 'forward', you must specify the following fields: 'TargetGroupArn'"
    elif len(set(listed)) < len(listed):
        problem = "Target groups must be unique"
    elif any(not 0 <= each.get("Weight", 1) <= _WEIGHT for each in groups):
        problem = f"Target group weight must be between '0' and '{_WEIGHT}' inclusive"
    if problem:
        raise Refused("ValidationError", problem)
    if len(listed) > _GROUPS:
        raise Refused("TooManyTargetGroups", "The maximum number of target groups per action has been reached")
    for arn in listed or alone:
        _target_group(str(arn), call)


def _redirect(to: dict[str, Any], call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html"""
    kept = {"Protocol": "#{protocol}", "Host": "#{host}", "Port": "#{port}", "Path": "/#{path}", "Query": "#{query}"}
    now = kept | {name: value for name, value in to.items() if value is not None}
    if all(now[name] == kept[name] for name in ("Protocol", "Host", "Port", "Path")):
        words = "The redirect configuration is not valid because it creates a loop."
        raise Refused("InvalidLoadBalancerAction", words)
    if not now["Path"].startswith("/"):
        raise Refused(
            "InvalidLoadBalancerAction",
            "The Path parameter must be a valid path, should start with a '/', and may contain up to one of each of "
            "these placeholders: '#{path}', '#{host}', '#{port}'.",
        )
    if now["Port"] != kept["Port"] and not (now["Port"].isdecimal() and 1 <= int(now["Port"]) <= 65535):
        words = "The Port parameter must be either an integer between 1 and 65535 or '#{port}'."
        raise Refused("InvalidLoadBalancerAction", words)
    if now["Protocol"] == "HTTP" and _listener(call).get("Protocol") == "HTTPS":
        raise Refused("InvalidLoadBalancerAction", "You cannot redirect HTTPS to HTTP.")


def _listener(call: Call) -> dict[str, Any]:
    """The listener that the actions are for."""
    if call.operation.endswith("Listener"):
        return _after(call)
    changed = alb._rules.get(call.parameters.get("RuleArn")) or call.parameters
    return alb._listeners.get(changed.get("ListenerArn")) or {}


def _target_group(arn: str, call: Call) -> None:
    """Of the same VPC, protocol and no other balancer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html."""
    well_formed("TargetGroup", arn)
    group = alb._tgs.get(arn)
    if group is None:
        raise Refused("TargetGroupNotFound", "One or more target groups not found")
    balancer = alb._lbs.get(_listener(call).get("LoadBalancerArn"))
    if balancer is None:
        return  # MiniStack says so
    own = balancer["LoadBalancerArn"]
    if group["TargetType"] != "lambda" and group["VpcId"] != balancer["VpcId"]:
        words = f"The following target groups are in a different VPC than load balancer '{own}': {arn}"
        raise Refused("InvalidConfigurationRequest", words)
    if group["TargetType"] != "lambda" and balancer["Type"] == "application" and group["Protocol"] not in _WEB:
        words = f"The listener and the following target groups have incompatible protocols: {arn}"
        raise Refused("IncompatibleProtocols", words)
    if any(each != own and each in alb._lbs for each in _balancers(arn)):
        words = f"The following target groups cannot be associated with more than one load balancer: {arn}"
        raise Refused("TargetGroupAssociationLimit", words)


def _balancers(group: str) -> set[str]:
    """The balancers whose listeners or rules forward to a group."""
    found = set()
    for each in [*alb._listeners.values(), *alb._rules.values()]:
        actions = (each.get("DefaultActions") or []) + (each.get("Actions") or [])
        if any(action.get("TargetGroupArn") == group for action in actions):
            listener = each if "LoadBalancerArn" in each else alb._listeners.get(each["ListenerArn"]) or {}
            found.add(listener.get("LoadBalancerArn", ""))
    return found


@rule("elbv2", "CreateRule")
def _rule(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
    if not call.parameters["Conditions"]:
        raise Refused("ValidationError", "A condition must be specified")
    wanted = str(call.parameters["Priority"])
    for each in alb._rules.values():
        if each["ListenerArn"] == call.parameters["ListenerArn"] and str(each["Priority"]) == wanted:
            raise Refused("PriorityInUse", f"Priority '{wanted}' is currently in use")
