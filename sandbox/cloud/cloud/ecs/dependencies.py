"""Start a container when those that it depends on are as far as it wants.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html (START, COMPLETE, SUCCESS,
HEALTHY).
"""

import time
from typing import Any

from docker.errors import APIError
from ministack.services import ecs

from cloud.core import containers
from cloud.ecs import current, failures, health

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_task_is_active",
}

_POLL_SECONDS = 0.2


def wait(starting: current.Starting, waiting: str, dependency: dict[str, Any]) -> None:
    """Wait for one dependency of the container ``waiting``; StartError when it can never be met."""
    name, condition = dependency["containerName"], dependency["condition"]
    container = starting.started[name]
    if condition == "START":
        return
    if condition == "HEALTHY":
        _until_healthy(starting, waiting, name, container)
        return
    try:
        code = containers.exit_code(container, lambda: ecs._task_is_active(starting.task["taskArn"], starting.task))
    except APIError as error:  # the task was stopped, and the container is gone
        raise failures.StartError(failures.NOT_STARTED) from error
    if code is None:
        raise failures.StartError(failures.NOT_STARTED)
    _note(starting, name, code)
    if condition == "SUCCESS" and code != 0:
        raise failures.dependency(starting.task, waiting, name, f"STOPPED->RUNNING - Exit: {code}")


def _until_healthy(starting: current.Starting, waiting: str, name: str, container: Any) -> None:
    while ecs._task_is_active(starting.task["taskArn"], starting.task):
        if health.status(starting.task, name) == "HEALTHY":
            return
        container.reload()
        if container.status in ("exited", "stopped", "dead"):
            code = int(container.attrs["State"]["ExitCode"])
            _note(starting, name, code)
            raise failures.dependency(starting.task, waiting, name, f"STOPPED->HEALTHY - Exit: {code}")
        time.sleep(_POLL_SECONDS)
    raise failures.StartError(failures.NOT_STARTED)


def _note(starting: current.Starting, name: str, code: int) -> None:
    shown = next(each for each in starting.task["containers"] if each["name"] == name)
    shown.update(lastStatus="STOPPED", exitCode=code)
