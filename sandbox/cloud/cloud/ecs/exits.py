"""Notice that a container has ended, and end its task when it was an essential one.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html ("Essential container in task
exited") and https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (``essential``: the
other containers of the task are stopped). MiniStack asks the engine about each container ten times a second; here the
engine tells it.
"""

import contextlib
import logging
import threading
import time
from typing import Any

from docker.errors import APIError
from ministack.core.responses import request_scope
from ministack.services import ecs

from cloud.core import containers, partition, patch, settings, threads
from cloud.ecs import stopping

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_get_docker _task_is_active",
}

_ARN = "com.amazonaws.ecs.task-arn"
_RECONNECT_SECONDS = 1.0
# Docker and Podman name the event differently.
_ENDS = frozenset({"die", "died"})
log = logging.getLogger(__name__)

# The tasks that run, with their account and region, by ARN.
_watched: dict[str, tuple[dict[str, Any], str, str]] = {}
_listening = threading.Lock()


def watch(task: dict[str, Any], docker_client: Any, account_id: str, region: str) -> None:
    """Follow a task from now on; what has ended before is noticed at once."""
    del docker_client
    _watched[task["taskArn"]] = (task, account_id, region)
    if _listening.acquire(blocking=False):
        threading.Thread(target=_listen, daemon=True, name="ecs-exits").start()
    check(task)


def check(task: dict[str, Any]) -> None:
    """Note the exit codes of ended containers; the end of an essential one, or of the last one, stops the task."""
    arn, client = task["taskArn"], ecs._get_docker()
    if not ecs._task_is_active(arn, task):
        _watched.pop(arn, None)
        return
    ended = [_note(client, docker_id, task["containers"][i]) for i, docker_id in enumerate(task["_docker_ids"])]
    essential = any(each and needed for each, needed in zip(ended, task["_container_essentials"], strict=False))
    if essential or all(ended):
        _watched.pop(arn, None)
        stopping.stop(task, "Essential container in task exited", "EssentialContainerExited")


def _note(client: Any, docker_id: str, container: dict[str, Any]) -> bool:
    """Whether a container has ended; its exit code is noted then."""
    if container["lastStatus"] == "STOPPED" and container.get("exitCode") is not None:
        return True
    try:
        state = client.containers.get(docker_id).attrs["State"]
    except APIError:  # an engine that cannot answer is not evidence of an end
        return False
    if state["Status"] not in ("exited", "stopped", "dead"):
        return False
    container.update(lastStatus="STOPPED", exitCode=state["ExitCode"])
    if state.get("OOMKilled"):
        container["reason"] = "OutOfMemoryError: Container killed due to memory usage"
    return True


def _listen() -> None:
    """Follow the engine's events; after a break they are asked for again from where they ended."""
    label = f"{settings.INSTANCE_LABEL}={settings.instance()}"
    since = time.time()
    while True:
        try:
            filters = {"type": "container", "label": label}
            for event in ecs._get_docker().events(since=int(since), decode=True, filters=filters):
                since = time.time()
                found = _watched.get(partition.here().inward(event["Actor"]["Attributes"].get(_ARN, "")))
                if found and event["Action"] in _ENDS:
                    task, account, region = found
                    with request_scope(account, region):
                        threads.start(_ended, task, event["Actor"]["ID"], name="ecs-exit")
        except Exception as error:
            log.warning("the engine's events broke off: %s", error)
        time.sleep(_RECONNECT_SECONDS)


def _ended(task: dict[str, Any], docker_id: str) -> None:
    """A container ends: the engine tells a moment before it says so itself."""
    with contextlib.suppress(APIError):
        containers.exit_code(ecs._get_docker().containers.get(docker_id))
    check(task)


def _nothing(task: dict[str, Any], docker_client: Any = None) -> None:
    """The API shows what is known: the engine's events come at once."""
    del task, docker_client


def install() -> None:
    """Put this in the place of MiniStack's polling."""
    patch.replace(ecs, "_watch_task_lifecycle", watch, "task docker_client account_id region")
    patch.replace(ecs, "_maybe_mark_stopped", _nothing, "task docker_client")
