"""The metrics of load balancers and their targets.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html: once a
minute, without health checks, and nothing where there is nothing to report: no requests, or no registered target.
"""

import threading
from collections import defaultdict

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import alb

from cloud.cloudwatch import series
from cloud.core import clock
from cloud.elb import health, relay

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    alb: "_targets _tgs",
}

_NAMESPACE, _MINUTE = "AWS/ApplicationELB", 60
_COUNT = "Count"
# What came in this minute: the values by balancer, group (or none), name and unit.
_seen: defaultdict[tuple[str, str, str, str], list[float]] = defaultdict(list)
_lock = threading.Lock()


def carried(balancer: str, group: str, outcome: relay.Outcome) -> None:
    """A request that was sent to a target."""
    _note(balancer, group, "RequestCount")
    if not outcome.by_target:
        answered(balancer, outcome.status)
        return
    _note(balancer, group, f"HTTPCode_Target_{outcome.status // 100}XX_Count")
    _note(balancer, group, "TargetResponseTime", outcome.seconds, "Seconds")


def unreached(balancer: str, group: str, status: int) -> None:
    """A request for whose target there was no connection, and what the client was answered."""
    _note(balancer, group, "RequestCount")
    _note(balancer, group, "TargetConnectionErrorCount")
    answered(balancer, status)


def answered(balancer: str, status: int) -> None:
    """An answer that is the balancer's own."""
    _note(balancer, "", f"HTTPCode_ELB_{status // 100}XX_Count")
    if status in (500, 502, 503, 504):
        _note(balancer, "", f"HTTPCode_ELB_{status}_Count")


def _note(balancer: str, group: str, name: str, value: float = 1.0, unit: str = _COUNT) -> None:
    with _lock:
        _seen[balancer, "", name, unit].append(value)
        if group:
            _seen[balancer, group, name, unit].append(value)


def report(at: float) -> None:
    """Report the minute that ends."""
    with _lock:
        seen = dict(_seen)
        _seen.clear()
    for (balancer, group, name, unit), values in seen.items():
        region, account = balancer.split(":")[3:5]
        with request_scope(account, region):
            for value in values:
                series.record(_NAMESPACE, name, value, unit, dimensions(balancer, group), at - _MINUTE)
    for (account, region, arn), group in alb._tgs.all_items():
        with request_scope(account, region):
            _hosts(arn, group, at - _MINUTE)


def _hosts(arn: str, group: dict, at: float) -> None:
    registered, balancer = alb._targets.get(arn) or [], health.balancer_of(arn)
    if not registered or not balancer:
        return
    states = [health.find(group, target).state for target in registered]
    for name, state in (("HealthyHostCount", health.HEALTHY), ("UnHealthyHostCount", health.UNHEALTHY)):
        series.record(_NAMESPACE, name, states.count(state), _COUNT, dimensions(balancer, arn), at)


def dimensions(balancer: str, group: str) -> dict[str, str]:
    """A balancer, and a group of targets, as the metrics name them."""
    named = {"LoadBalancer": balancer.partition(":loadbalancer/")[2]}
    return named | ({"TargetGroup": group.rpartition(":")[2]} if group else {})


def install() -> None:
    """Report once a minute."""
    clock.every(_MINUTE, "metrics of load balancers", report)
