"""What the ECS agent does for a task, done as the task's execution role: fetch secrets, write logs.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html: a permission that lacks
ends the start with ResourceInitializationError. So does a log group that is not there, in the region that
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html calls ``awslogs-region``.
"""

import contextlib
import logging
import threading
import time
from collections import Counter
from functools import lru_cache
from typing import Any

import docker
from botocore.exceptions import ClientError, EndpointConnectionError
from ministack.core.responses import get_account_id, request_scope
from ministack.services import cloudwatch_logs, ecs

from cloud.core import clock, containers, patch, threads
from cloud.ecs import current, failures, reach, stopping

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch_logs: "_log_groups",
    ecs: "_SecretResolutionError _awslogs_config _get_docker",
}

_BATCH = 500
_LAST_LINES_SECONDS = 10.0
_AGAIN_SECONDS = 1.0
# The threads that follow containers, by the container's id.
_followers: dict[str, threading.Thread] = {}
log = logging.getLogger(__name__)


def _secrets(cdef: dict[str, Any]) -> dict[str, str]:
    values = {}
    for secret in cdef.get("secrets") or []:
        name, source = secret["name"], secret["valueFrom"]
        region = source.split(":")[3] if source.startswith("arn:") else ""
        client = current.get().agent("ssm", region)
        if client is None:
            raise ecs._SecretResolutionError(f"the task has no execution role to fetch {source} for {name}")
        reach.secrets(region)
        try:
            values[name] = _parameter(client, source)
        except ClientError as exc:
            raise ecs._SecretResolutionError(f"unable to retrieve secret from ssm: {exc}") from exc
    return values


def _parameter(client: Any, source: str) -> str:
    name = source.split(":parameter", 1)[1] if source.startswith("arn:") else source
    answer = client.get_parameters(Names=[name], WithDecryption=True)
    if not answer["Parameters"]:
        raise ecs._SecretResolutionError(f"invalid ssm parameters: {source}")
    return str(answer["Parameters"][0]["Value"])


def open_log(cdef: dict[str, Any], task_id: str) -> None:
    """Create the stream of a container, and its group on request: without them the container does not start."""
    config = ecs._awslogs_config(cdef, task_id, "")
    if not config:
        return
    client, group = current.get().agent("logs", config["region"]), {"logGroupName": config["group"]}
    if client is None:
        raise failures.initialization("failed to validate logger args: the task has no execution role")
    reach.logs(config["region"])
    try:
        if config["create_group"]:
            with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_group(**group)
        with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_stream(**group, logStreamName=config["stream"])
    except ClientError as exc:
        words = "create stream has been retried 1 times: failed to create Cloudwatch log stream"
        raise failures.initialization(f"failed to validate logger args: {words}: {exc}") from exc


def _logs(container: Any, cdef: dict[str, Any], task_id: str) -> None:
    """Follow the container's output."""
    if config := _configured(cdef, task_id):
        follow(container, current.get().agent("logs", config["region"]), config)


def _configured(cdef: dict[str, Any], task_id: str) -> dict[str, Any] | None:
    config = ecs._awslogs_config(cdef, task_id, "")
    return config and {**config, "task": current.get().task["taskArn"]}


def resume(container: Any, cdef: dict[str, Any], task_id: str) -> None:
    """Follow the output of a container that ran on while nobody did, from where its log stream ends."""
    config = _configured(cdef, task_id)
    client = current.get().agent("logs", config["region"]) if config else None
    if config is None or client is None:
        return
    with request_scope(get_account_id(), config["region"]):
        stream = (cloudwatch_logs._log_groups.get(config["group"]) or {}).get("streams", {}).get(config["stream"]) or {}
    events = stream.get("events") or []
    last = int(events[-1]["timestamp"] / 1000) if events else 0
    known = Counter(event["message"] for event in events if event["timestamp"] >= last * 1000)
    since = max(0, int(last - clock.ahead()))  # the engine has the real time
    follow(container, client, config, since, known)


def follow(
    container: Any, client: Any, config: dict[str, Any], since: int = 0, known: Counter[str] | None = None
) -> None:
    """Write the output of a container to the ``stream`` of a log ``group``, by a client that may."""
    arguments = (container, client, config, since, known or Counter())
    _followers[container.id] = threads.start(_forward, *arguments, name=f"logs-{config['stream'][-8:]}")


def _forward(container: Any, client: Any, config: dict[str, Any], since: int, known: Counter[str]) -> None:
    """Send the lines from the second ``since`` on, without those of that second that are ``known``."""
    try:
        for lines in containers.follow(_patient().containers.get(container.id), since):
            put(client, config, [line for line in lines if not _seen(line, known)])
    except Exception as exc:  # the container or the log group has gone while its last lines were read
        log.warning("the output of %s ends early: %s", config["stream"], exc)


@lru_cache(maxsize=1)
def _patient() -> Any:
    """The engine sends nothing, not even a header, before a container's first line: waiting for it knows no limit."""
    return docker.from_env(timeout=None)


def _cleanup(old: Any, task: dict[str, Any], docker_client: Any, extra_container: Any = None) -> None:
    """Remove containers when their last lines are in the log."""
    client = docker_client or ecs._get_docker()
    for container_id in list(task.get("_docker_ids") or []):
        if thread := _followers.pop(container_id, None):
            stopping.end(client, container_id, stopping.timeouts(task))
            thread.join(_LAST_LINES_SECONDS)
    old(task, client, extra_container)


def _seen(line: bytes, known: Counter[str]) -> bool:
    text = line.decode(errors="replace")
    known[text] -= 1
    return known[text] >= 0


def put(client: Any, config: dict[str, Any], lines: list[bytes]) -> None:
    """Write lines to the ``stream`` of a log ``group``."""
    now = int(clock.time() * 1000)
    events = [{"timestamp": now, "message": line.decode(errors="replace")} for line in lines if line]
    if task := config.get("task"):  # of a function, Lambda itself writes the log, from outside of the network
        reach.until_logs_are_reached(task, config["region"], config["stream"])
    stream = {"logGroupName": config["group"], "logStreamName": config["stream"]}
    for start in range(0, len(events), _BATCH):
        _sent(client, logEvents=events[start : start + _BATCH], **stream)


def _sent(client: Any, **batch: Any) -> None:
    while True:
        try:
            client.put_log_events(**batch)
            return
        except EndpointConnectionError:  # after a restart, which does not listen yet
            time.sleep(_AGAIN_SECONDS)


def install() -> None:
    """Replace MiniStack's resolution of secrets and its log forwarding, which act as nobody."""
    patch.replace(ecs, "_resolve_container_secrets", _secrets, "cdef")
    patch.replace(ecs, "_start_awslogs_forwarder", _logs, "container cdef task_id")
    # Around ecs.network: the last lines are read while the containers are there.
    patch.wrap(ecs, "_cleanup_task_resources", _cleanup, "task docker_client extra_container")
