"""The attributes of load balancers, target groups and listeners."""

import functools
import re
from collections import Counter

import botocore.session
from ministack.services import alb

from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_lbs _listeners _tgs",
}

# What a key takes: a range of numbers, or texts. Keys that end with .enabled take true or false.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html and
# API_TargetGroupAttribute.html
_VALUES: dict[str, range | tuple[str, ...]] = {
    "client_keep_alive.seconds": range(60, 604801),
    "deregistration_delay.timeout_seconds": range(0, 3601),
    "idle_timeout.timeout_seconds": range(1, 4001),
    "load_balancing.algorithm.anomaly_mitigation": ("on", "off"),
    "load_balancing.algorithm.type": ("least_outstanding_requests", "round_robin", "weighted_random"),
    "routing.http.desync_mitigation_mode": ("defensive", "monitor", "strictest"),
    "routing.http.xff_header_processing.mode": ("append", "preserve", "remove"),
    "slow_start.duration_seconds": range(0, 901),
    "stickiness.app_cookie.duration_seconds": range(1, 604801),
    "stickiness.lb_cookie.duration_seconds": range(1, 604801),
    "stickiness.type": ("app_cookie", "lb_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
}
_SHORTEST_START = 30
# What only other kinds have than application load balancers, their listeners and targets by address.
_OF_OTHERS = (
    "deregistration_delay.connection_termination.enabled",
    "dns_record.client_routing_policy",
    "lambda.multi_value_headers.enabled",
    "load_balancing.cross_zone.enabled",
    "preserve_client_ip.enabled",
    "proxy_protocol_v2.enabled",
    "secondary_ips.auto_assigned.per_subnet",
    "target_failover.on_deregistration",
    "target_failover.on_unhealthy",
    "target_health_state.unhealthy.connection_termination.enabled",
    "target_health_state.unhealthy.draining_interval_seconds",
    "tcp.idle_timeout.seconds",
)


@functools.cache
def _keys(structure: str) -> frozenset[str]:
    """The keys that the service's model describes: its documentation is AWS's list."""
    told = botocore.session.get_session().get_service_model("elbv2").shape_for(structure).members["Key"].documentation
    return frozenset(re.findall(r"<code>([a-z0-9_]+(?:\.[a-z0-9_]+)+)</code>", told))


@rule("elbv2", "ModifyLoadBalancerAttributes ModifyTargetGroupAttributes ModifyListenerAttributes")
def _known(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html"""
    structure = call.operation.removeprefix("Modify").removesuffix("s")
    what = {"LoadBalancerAttribute": "Load balancer", "TargetGroupAttribute": "Target group"}.get(structure, "Listener")
    given = call.parameters["Attributes"]
    for key, count in Counter(each.get("Key", "") for each in given).items():
        if count > 1:
            raise Refused("ValidationError", f"Attribute key '{key}' has been specified more than once")
        if key not in _keys(structure):
            raise Refused("ValidationError", f"{what} attribute key '{key}' is not recognized")
    if not given:
        raise Refused("ValidationError", "At least one attribute must be specified")
    for each in given:
        _value(each["Key"], each.get("Value", ""))
    _supported(call, what)


def _supported(call: Call, what: str) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html"""
    kinds = (("LoadBalancerArn", alb._lbs), ("TargetGroupArn", alb._tgs), ("ListenerArn", alb._listeners))
    found = next((store.get(call.parameters[name]) for name, store in kinds if call.parameters.get(name)), None) or {}
    web = found.get("Type") == "application" or found.get("Protocol") in ("HTTP", "HTTPS")
    for each in call.parameters["Attributes"]:
        key, value = each["Key"], each.get("Value", "")
        of_group = what == "Target group"
        if web and key in _OF_OTHERS and not (of_group and key == "load_balancing.cross_zone.enabled"):
            shown = f"'{found.get('Type') or found.get('Protocol')}'"
            raise Refused(
                "InvalidConfigurationRequest",
                f"{what} attribute key '{key}' is not supported on {what.lower()}s with type {shown}",
            )
        if web and key == "stickiness.type" and value.startswith("source_ip"):
            kind = found["Protocol"]
            words = f"Stickiness type '{value}' is not supported for target groups with the {kind} protocol"
            raise Refused("InvalidConfigurationRequest", words)
        if key == "stickiness.app_cookie.cookie_name" and value.startswith(("AWSALB", "AWSALBAPP", "AWSALBTG")):
            raise Refused("ValidationError", f"The cookie name '{value}' is reserved")


def _value(key: str, value: str) -> None:
    allowed = _VALUES.get(key)
    if key.endswith(".enabled") and value not in ("true", "false"):
        words = f"The value of '{key}' must be 'true' or 'false', but was '{value}'"
        raise Refused("ValidationError", words)
    if isinstance(allowed, tuple) and value not in allowed:
        raise Refused("ValidationError", f"'{value}' must be one of [{', '.join(allowed)}]")
    if isinstance(allowed, range):
        number = int(value) if value.lstrip("-").isdecimal() else -1
        if number not in allowed or key == "slow_start.duration_seconds" and 0 < number < _SHORTEST_START:
            words = f"'{key}' value '{value}' must be between '{allowed.start}-{allowed.stop - 1}' inclusive"
            raise Refused("ValidationError", words)
