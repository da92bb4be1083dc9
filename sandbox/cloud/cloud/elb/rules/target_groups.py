"""Target groups, their attributes and their targets."""

import ipaddress
import re
from typing import Any

from ministack.services import alb, ec2

from cloud.elb import health
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_tgs",
    ec2: "_vpcs",
}

_WEB = ("HTTP", "HTTPS")
_VERSIONS = ("GRPC", "HTTP1", "HTTP2")
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html: beside the
# VPC's own range, with the availability zone `all`.
_OUTSIDE = [ipaddress.IPv4Network(each) for each in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")]


@rule("elbv2", "CreateTargetGroup")
def _members(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
    name = call.parameters["Name"]
    if len(name) > 32:
        raise Refused("ValidationError", f"Target group name '{name}' cannot be longer than '32' characters")
    if not re.fullmatch("[A-Za-z0-9-]+", name):
        words = f"Target group name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)"
        raise Refused("ValidationError", words)
    if name.startswith("-") or name.endswith("-"):
        raise Refused("ValidationError", f"Target group name '{name}' cannot begin or end with '-'")


@rule("elbv2", "CreateTargetGroup")
def _where(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
    given = call.parameters
    function = given.get("TargetType") == "lambda"
    for parameter, what in (("Protocol", "protocol"), ("Port", "port"), ("VpcId", "VPC ID")):
        if not given.get(parameter) and not function:
            raise Refused("ValidationError", f"A {what} must be specified")
        if given.get(parameter) and function:
            words = f"A {what} cannot be specified for target groups with target type 'lambda'"
            raise Refused("ValidationError", words)
    version = given.get("ProtocolVersion")
    if version and (version not in _VERSIONS or given["Protocol"] not in _WEB):
        raise Refused("ValidationError", f"Protocol version '{version}' must be one of '{', '.join(_VERSIONS)}'")
    if not function and given["VpcId"] not in ec2._vpcs:
        raise Refused("ValidationError", f"The VPC ID '{given['VpcId']}' is not found")


@rule("elbv2", "CreateTargetGroup ModifyTargetGroup")
def _health_check(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"""
    before = alb._tgs.get(call.parameters.get("TargetGroupArn")) or {}
    now = before | call.parameters
    if now.get("TargetType") == "lambda":
        return
    if now.get("HealthCheckEnabled") is False:
        kind = now.get("TargetType", "instance")
        words = f"Health check enabled must be true for target groups with target type '{kind}'"
        raise Refused("ValidationError", words)
    interval, timeout = now.get("HealthCheckIntervalSeconds", 30), now.get("HealthCheckTimeoutSeconds", 5)
    if timeout >= interval:
        words = f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'"
        raise Refused("ValidationError", words)
    port = str(now.get("HealthCheckPort") or "traffic-port")
    if port != "traffic-port" and not (port.isdecimal() and 1 <= int(port) <= 65535):
        raise Refused("ValidationError", f"Health check port '{port}' must be within '1-65535' or 'traffic-port'")
    kinds = _WEB if now.get("Protocol") in _WEB else (*_WEB, "TCP")
    if (kind := now.get("HealthCheckProtocol") or kinds[0]) not in kinds:
        raise Refused("ValidationError", f"Health check protocol '{kind}' must be one of '{', '.join(kinds)}'")
    path = now.get("HealthCheckPath") or "/"
    if not re.fullmatch(r"/[!-~]*", path) and now.get("ProtocolVersion") != "GRPC":
        words = "must begin with a '/' character, and can only contain printable ASCII characters"
        raise Refused("ValidationError", f"Health check path '{path}' {words}")
    if now.get("Protocol") in _WEB:
        _matcher((now.get("Matcher") or {}).get("HttpCode") or "200")


def _matcher(codes: str) -> None:
    """200, 200,202 or 200-299."""
    if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", codes):
        raise Refused("ValidationError", f"Health check matcher HTTP code '{codes}' is not valid")
    for each in codes.split(","):
        low, _, high = each.partition("-")
        if high and int(low) > int(high):
            raise Refused("ValidationError", f"Health check matcher HTTP code '{each}' is not valid")
    for each in re.split("[,-]", codes):
        if not 200 <= int(each) <= 499:
            words = f"Health check matcher HTTP code '{each}' must be within '200-499' inclusive"
            raise Refused("ValidationError", words)


@rule("elbv2", "DeleteTargetGroup")
def _unused(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html"""
    arn = call.parameters["TargetGroupArn"]
    if health.in_use(arn):
        raise Refused("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")


@rule("elbv2", "RegisterTargets")
def _targets(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html"""
    group = alb._tgs.get(call.parameters["TargetGroupArn"]) or {}
    if not call.parameters["Targets"]:
        raise Refused("ValidationError", "At least one target must be specified")
    for target in call.parameters["Targets"]:
        if group.get("TargetType") == "ip":
            _address(target, group)
        elif group.get("TargetType") == "instance" and not re.fullmatch("i-[0-9a-f]+", target["Id"]):
            raise Refused("InvalidTarget", f"The following targets are not valid instances: '{target['Id']}'")


def _address(target: dict[str, Any], group: dict[str, Any]) -> None:
    text = target["Id"]
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        raise Refused("ValidationError", f"The IP address '{text}' is not a valid IPv4 address") from None
    own = ipaddress.ip_network(ec2._vpcs[group["VpcId"]]["CidrBlock"], strict=False)
    if address in own:
        return
    if not any(address in each for each in _OUTSIDE):
        words = f"The IP address '{text}' is not within the VPC's range or a private one"
        raise Refused("InvalidTarget", words)
    if target.get("AvailabilityZone") != "all":
        words = f"You must specify an Availability Zone of 'all' for the IP address '{text}', which is outside the VPC"
        raise Refused("ValidationError", words)
