"""Probe the targets of a load balancer as their target group says; send requests to the healthy ones.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html: one passed check
makes a new target healthy, the thresholds count afterwards; a group none of whose targets is healthy gets requests on
all of them. Requests go to the targets in turn (load-balancer-target-groups.html#modify-routing-algorithm). MiniStack
calls every target healthy.
"""

import http.client
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import alb

from cloud.core import patch, threads
from cloud.elb import draining, nodes

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    alb: "_error _listeners _p _parse_targets_param _rules _targets _tgs _xml",
}

_TICK_SECONDS = 0.5
# A target whose state is not known yet is asked more often than the interval says, so that a deployment here does not
# wait for half a minute; failures count at the pace of the interval.
_INITIAL_SECONDS = 1.0

INITIAL, HEALTHY, UNHEALTHY, UNUSED, DRAINING = "initial", "healthy", "unhealthy", "unused", "draining"
_REASONS = {
    DRAINING: ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    INITIAL: ("Elb.InitialHealthChecking", "Initial health checks in progress"),
    UNUSED: ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
}


@dataclass
class Target:
    """What is known about one target of a group."""

    state: str = INITIAL
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"
    since: float = field(default_factory=time.monotonic)
    passed: int = 0
    failed: int = 0
    next_probe: float = 0.0
    counted: float = 0.0
    busy: bool = False


_known: dict[tuple[str, str, int], Target] = {}
_turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)
_lock = threading.Lock()


def _port(group: dict[str, Any], target: dict[str, Any]) -> int:
    return int(target.get("Port") or group.get("Port") or 80)


def find(group: dict[str, Any], target: dict[str, Any]) -> Target:
    """What is known about a target; a new one is initial."""
    with _lock:
        return _known.setdefault((group["TargetGroupArn"], target["Id"], _port(group, target)), Target())


def known(record: Target) -> bool:
    """Whether a target is still registered, seen from what is known about it."""
    with _lock:
        return any(each is record for each in _known.values())


def in_use(group_arn: str) -> bool:
    """Whether a listener or a rule sends requests to the group."""
    return bool(balancer_of(group_arn))


def balancer_of(group_arn: str) -> str:
    """The load balancer that sends requests to the group."""
    for record in [*alb._listeners.values(), *alb._rules.values()]:
        actions = (record.get("DefaultActions") or []) + (record.get("Actions") or [])
        if any(each.get("TargetGroupArn") == group_arn for each in actions):
            listener = alb._listeners.get(record["ListenerArn"]) or {}
            return str(listener.get("LoadBalancerArn", ""))
    return ""


def state(group_arn: str, target_id: str) -> Target | None:
    """What is known about a registered target by its id; None when it is not registered."""
    group = alb._tgs.get(group_arn)
    registered = [t for t in alb._targets.get(group_arn, []) if t["Id"] == target_id]
    return find(group, registered[0]) if group and registered else None


def choose(group: dict[str, Any]) -> dict[str, Any] | None:
    """A target for a request: a healthy one, any when there is none healthy, None when none is registered."""
    registered = list(alb._targets.get(group["TargetGroupArn"], []))
    healthy = [t for t in registered if find(group, t).state == HEALTHY or not group.get("HealthCheckEnabled", True)]
    candidates = healthy or registered
    return candidates[next(_turns[group["TargetGroupArn"]]) % len(candidates)] if candidates else None


def matches(code: int, matcher: str) -> bool:
    """Whether a status is among those that a matcher like ``200,301-302`` names."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low and int(low) <= code <= int(high or low):
            return True
    return False


def probe(group: dict[str, Any], target: dict[str, Any], balancer: str) -> tuple[str, str] | None:
    """Ask a target once from a load balancer, by its ARN: None when it passes, else the reason code and description."""
    port = group.get("HealthCheckPort", "traffic-port")
    number = _port(group, target) if port == "traffic-port" else int(port)
    seconds = group["HealthCheckTimeoutSeconds"]
    connection = http.client.HTTPConnection(target["Id"], number, timeout=seconds)
    try:
        connection.sock = nodes.connect(balancer, target["Id"], number, seconds)
        connection.request("GET", group["HealthCheckPath"], headers={"User-Agent": "ELB-HealthChecker/2.0"})
        code = connection.getresponse().status
    except TimeoutError:
        return "Target.Timeout", "Request timed out"
    except (OSError, http.client.HTTPException):
        return "Target.FailedHealthChecks", "Health checks failed"
    finally:
        connection.close()
    if matches(code, group["Matcher"]["HttpCode"]):
        return None
    return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]"


def record(group: dict[str, Any], target: Target, failure: tuple[str, str] | None) -> None:
    """Note the outcome of one probe."""
    now, interval = time.monotonic(), float(group["HealthCheckIntervalSeconds"])
    if failure is None:
        target.failed, target.passed = 0, target.passed + 1
        needed = 1 if target.state == INITIAL else group["HealthyThresholdCount"]
        if target.state != HEALTHY and target.passed >= needed:
            target.state, target.reason, target.description, target.since = HEALTHY, "", "", now
    else:
        target.passed = 0
        if target.state != INITIAL or now - target.counted >= interval:
            target.failed, target.counted = target.failed + 1, now
        if target.state != UNHEALTHY and target.failed >= group["UnhealthyThresholdCount"]:
            target.state, target.since = UNHEALTHY, now
        if target.state == INITIAL:
            target.reason, target.description = _REASONS[INITIAL]
        elif target.state == UNHEALTHY:
            target.reason, target.description = failure
    target.next_probe = now + (min(interval, _INITIAL_SECONDS) if target.state == INITIAL else interval)


def _probe_and_record(group: dict[str, Any], registered: dict[str, Any], target: Target, balancer: str) -> None:
    try:
        record(group, target, probe(group, registered, balancer))
    finally:
        target.busy = False


def tick() -> None:
    """Probe the targets whose time has come and forget those that are gone."""
    seen = set()
    for (account, region, arn), group in alb._tgs.all_items():
        if group.get("TargetType") not in ("ip", "instance") or not group.get("HealthCheckEnabled", True):
            continue
        with request_scope(account, region):
            registered, balancer = list(alb._targets.get(arn, [])), balancer_of(arn)
        for each in registered:
            seen.add((arn, each["Id"], _port(group, each)))
            target = find(group, each)
            if not balancer or target.busy or time.monotonic() < target.next_probe:
                continue
            target.busy = True
            threads.start(_probe_and_record, group, each, target, balancer, name="elb-probe")
    with _lock:
        for key in [k for k in _known if k not in seen]:
            del _known[key]


def _loop() -> None:
    while True:
        tick()
        time.sleep(_TICK_SECONDS)


def _describe(params: dict[str, Any]) -> Any:
    arn = alb._p(params, "TargetGroupArn")
    group = alb._tgs.get(arn)
    if group is None:
        return alb._error("TargetGroupNotFound", f"Target group '{arn}' not found.")
    found = []
    for registered in alb._targets.get(arn, []):
        target = find(group, registered)
        shown = (target.state, target.reason, target.description)
        found.append((registered, shown if in_use(arn) else (UNUSED, *_REASONS[UNUSED])))
    found += [(gone, (DRAINING, *_REASONS[DRAINING])) for gone in draining.targets(arn)]
    wanted = {t["Id"] for t in alb._parse_targets_param(params)}
    members = [_member(group, target, *shown) for target, shown in found if not wanted or target["Id"] in wanted]
    inner = f"<TargetHealthDescriptions>{''.join(members)}</TargetHealthDescriptions>"
    return alb._xml(200, "DescribeTargetHealth", inner)


def _member(group: dict[str, Any], target: dict[str, Any], state: str, reason: str, description: str) -> str:
    inner = f"<State>{state}</State>"
    if reason:
        inner += f"<Reason>{reason}</Reason><Description>{escape(description)}</Description>"
    port, check = _port(group, target), group.get("HealthCheckPort", "traffic-port")
    return (
        f"<member><Target><Id>{escape(target['Id'])}</Id><Port>{port}</Port></Target>"
        f"<HealthCheckPort>{port if check == 'traffic-port' else check}</HealthCheckPort>"
        f"<TargetHealth>{inner}</TargetHealth></member>"
    )


async def _proxy(old: Any, target: dict[str, Any], group: dict[str, Any], *rest: Any, **options: Any) -> Any:
    return await old(choose(group) or target, group, *rest, **options)


def install() -> None:
    """Show the health found by probes, and send requests to healthy targets."""
    patch.replace(alb, "_describe_target_health", _describe, "params")
    patch.wrap(alb, "_proxy_http_target", _proxy)
    threading.Thread(target=_loop, daemon=True, name="elb-health").start()
