"""What answers of Elastic Load Balancing say that nobody has set.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Types.html and API_DeleteLoadBalancer.html (its
listeners go with it). MiniStack has few of the attributes and no forward configurations, names no VPC and the region's
first zone for every subnet, and leaves the listeners.
"""

from typing import Any

from ministack.services import alb, ec2

from cloud.core import patch
from cloud.requests.answers import completes, shown
from cloud.requests.rules import Call, Refused

# What this module uses of MiniStack.
NEEDS = {
    alb: "_delete_listener _empty _lbs _listeners _p _parse_member_list",
    ec2: "_subnets",
}

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
_BALANCER = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "true",
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
_GROUP = {
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
_LISTENER = {
    f"routing.http.response.{name}.header_value": ""
    for name in (
        "access_control_allow_credentials",
        "access_control_allow_headers",
        "access_control_allow_methods",
        "access_control_allow_origin",
        "access_control_expose_headers",
        "access_control_max_age",
        "content_security_policy",
        "strict_transport_security",
        "x_content_type_options",
        "x_frame_options",
    )
}


def _create(old: Any, params: dict[str, Any]) -> Any:
    subnets = [ec2._subnets.get(each) for each in alb._parse_member_list(params, "Subnets")]
    vpcs = [subnet["VpcId"] for subnet in subnets if subnet]
    return old({**params, "VpcId": vpcs[0]} if vpcs else params)


def _delete(old: Any, params: dict[str, Any]) -> Any:
    arn = alb._p(params, "LoadBalancerArn")
    for listener in [key for key, each in alb._listeners.items() if each["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener})
    return old(params)


@completes("elbv2", "CreateLoadBalancer DescribeLoadBalancers")
def _balancers(call: Call, answer: dict[str, Any]) -> None:
    for balancer in shown(answer, "LoadBalancers"):
        _zones(call, balancer)


@completes("elbv2", "SetSubnets")
def _zones(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AvailabilityZone.html"""
    for each in shown(answer, "AvailabilityZones"):
        if subnet := ec2._subnets.get(each["SubnetId"]):
            each["ZoneName"] = subnet["AvailabilityZone"]


@completes("elbv2", "CreateLoadBalancer")
def _internal(call: Call, answer: dict[str, Any]) -> None:
    """The name of an internal load balancer says that it is:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
    for balancer in shown(answer, "LoadBalancers"):
        record = alb._lbs[balancer["LoadBalancerArn"]]
        if record["Scheme"] == "internal":
            record["DNSName"] = balancer["DNSName"] = f"internal-{balancer['DNSName']}"


def _defaults(answer: dict[str, Any], defaults: dict[str, str]) -> None:
    known = {each["Key"] for each in answer["Attributes"]}
    answer["Attributes"] += [{"Key": key, "Value": value} for key, value in defaults.items() if key not in known]


@completes("elbv2", "DescribeLoadBalancerAttributes ModifyLoadBalancerAttributes")
def _balancer_attributes(call: Call, answer: dict[str, Any]) -> None:
    _defaults(answer, _BALANCER)


@completes("elbv2", "DescribeTargetGroupAttributes ModifyTargetGroupAttributes")
def _group_attributes(call: Call, answer: dict[str, Any]) -> None:
    _defaults(answer, _GROUP)


@completes("elbv2", "DescribeListenerAttributes ModifyListenerAttributes")
def _listener_attributes(call: Call, answer: dict[str, Any]) -> None:
    _defaults(answer, _LISTENER)


@completes("elbv2", "CreateTargetGroup DescribeTargetGroups ModifyTargetGroup")
def _target_groups(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html"""
    for group in shown(answer, "TargetGroups"):
        group.setdefault("IpAddressType", "ipv4")
        if group["Protocol"] in ("HTTP", "HTTPS"):
            group.setdefault("ProtocolVersion", "HTTP1")


@completes("elbv2", "CreateListener DescribeListeners ModifyListener")
def _listeners(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html"""
    for listener in shown(answer, "Listeners"):
        _forwarding(listener["DefaultActions"])
        if listener["Protocol"] == "HTTPS":
            listener.setdefault("MutualAuthentication", {"Mode": "off"})


@completes("elbv2", "CreateRule DescribeRules ModifyRule")
def _rules(call: Call, answer: dict[str, Any]) -> None:
    for each in shown(answer, "Rules"):
        _forwarding(each["Actions"])


def _forwarding(actions: list[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html"""
    for action in actions:
        if action["Type"] == "forward" and action.get("TargetGroupArn"):
            groups = [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
            stickiness = {"Enabled": False}
            action.setdefault("ForwardConfig", {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness})


@completes("elbv2", "DescribeListenerCertificates")
def _certificates(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html"""
    listener = alb._listeners.get(call.parameters["ListenerArn"])
    if listener is None:
        raise Refused("ListenerNotFound", "One or more listeners not found")
    arns = listener.get("Certificates") or []
    answer["Certificates"] = [{"CertificateArn": each, "IsDefault": True} for each in arns]


def _nothing(operation: str) -> Any:
    return lambda params: alb._empty(operation)


def install() -> None:
    """Look at the subnets of a balancer and at its listeners, and have the operations that MiniStack lacks."""
    patch.wrap(alb, "_create_lb", _create, "params")
    patch.wrap(alb, "_delete_lb", _delete, "params")
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeCapacityReservation.html: none.
    lacking = ("DescribeListenerCertificates", "DescribeCapacityReservation")
    patch.add_operations(alb, {name: _nothing(name) for name in lacking})
