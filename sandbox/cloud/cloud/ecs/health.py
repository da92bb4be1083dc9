"""Container health checks, run by the emulator: an engine without systemd never runs them.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html: interval 30 s, timeout 5 s, 3 retries
and no start period by default; an unhealthy essential container ends its task, and the service replaces it. AWS asks
at the interval in the start period too; here it is asked more often, so that a sandbox is up sooner.
"""

import time
from typing import Any

from ministack.services import ecs

from cloud.core import threads
from cloud.ecs import current, stopping

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_task_is_active",
}

_IN_START_PERIOD_SECONDS = 2.0


def status(task: dict[str, Any], name: str) -> str:
    """HEALTHY, UNHEALTHY or UNKNOWN."""
    return next((c["healthStatus"] for c in task["containers"] if c["name"] == name), "UNKNOWN")


def watch(starting: current.Starting, cdef: dict[str, Any], container: Any) -> None:
    """Check a container from now on, if its definition says how."""
    check = cdef.get("healthCheck")
    if not check:
        return
    threads.start(_loop, starting.task, cdef, check, container, name=f"health-{cdef['name']}")


def _loop(task: dict[str, Any], cdef: dict[str, Any], check: dict[str, Any], container: Any) -> None:
    interval, retries = check.get("interval") or 30, check.get("retries") or 3
    start_ends = time.monotonic() + (check.get("startPeriod") or 0)
    failures, took = 0, 0.0
    while ecs._task_is_active(task["taskArn"], task):
        # Within the start period failures do not count; asking more often shows sooner that it is up. The pause is as
        # long as the check was: one that costs seconds of a processor would keep from starting what it asks about.
        early = time.monotonic() < start_ends and status(task, cdef["name"]) != "HEALTHY"
        time.sleep(min(interval, max(_IN_START_PERIOD_SECONDS, took)) if early else interval)
        asked = time.monotonic()
        healthy = _healthy(container, check)
        took = time.monotonic() - asked
        if healthy:
            failures = 0
            _set(task, cdef["name"], "HEALTHY")
            continue
        if time.monotonic() < start_ends:
            continue
        failures += 1
        if failures < retries:
            continue
        _set(task, cdef["name"], "UNHEALTHY")
        if cdef.get("essential", True):
            stopping.stop(task, "Task failed container health checks", "EssentialContainerExited")
            return


def _healthy(container: Any, check: dict[str, Any]) -> bool:
    """Whether the command ended with 0 in time."""
    command = check["command"]
    words = ["sh", "-c", command[1]] if command[0] == "CMD-SHELL" else list(command[1:])
    try:
        result = container.exec_run(["timeout", str(check.get("timeout") or 5), *words])
    except Exception:  # the container is on its way down; the task's watcher sees that
        return False
    return result.exit_code == 0


def _set(task: dict[str, Any], name: str, health: str) -> None:
    for container in task["containers"]:
        if container["name"] == name:
            container["healthStatus"] = health
    known = [c["healthStatus"] for c in task["containers"] if c["healthStatus"] != "UNKNOWN"]
    task["healthStatus"] = "UNHEALTHY" if "UNHEALTHY" in known else "HEALTHY"
