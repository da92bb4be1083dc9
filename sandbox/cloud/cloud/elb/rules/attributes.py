"""The attributes of load balancers, target groups and listeners."""

import functools
import re
from collections import Counter

import botocore.session

from cloud.requests.rules import Call, Refused, rule

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
    for each in given:
        _value(each["Key"], each.get("Value", ""))


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
