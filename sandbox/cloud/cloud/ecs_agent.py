"""What the ECS agent does for a task, done as the task's execution role: fetch secrets, write logs.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html: a permission that lacks
ends the start with ResourceInitializationError.
"""

import threading
import time
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import ecs

from cloud import ecs_current, patch

_BATCH = 500


def _secrets(cdef: dict[str, Any]) -> dict[str, str]:
    values = {}
    for secret in cdef.get("secrets") or []:
        name, source = secret["name"], secret["valueFrom"]
        client = ecs_current.get().agent("ssm")
        if client is None:
            raise ecs._SecretResolutionError(f"the task has no execution role to fetch {source} for {name}")
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


def _logs(container: Any, cdef: dict[str, Any], task_id: str) -> None:
    """Create the stream, so that a missing permission ends the start, and follow the container's output."""
    config = ecs._awslogs_config(cdef, task_id, container.id)
    if not config:
        return
    client = ecs_current.get().agent("logs")
    if client is None:
        raise RuntimeError("failed to validate logger args: the task has no execution role")
    try:
        client.create_log_stream(logGroupName=config["group"], logStreamName=config["stream"])
    except client.exceptions.ResourceAlreadyExistsException:
        pass
    except ClientError as exc:
        raise RuntimeError(f"failed to validate logger args: create stream has been retried: {exc}") from exc
    threading.Thread(target=_forward, args=(container, client, config), daemon=True, name=f"logs-{task_id[:8]}").start()


def _forward(container: Any, client: Any, config: dict[str, Any]) -> None:
    rest = b""
    for chunk in container.logs(stream=True, follow=True, stdout=True, stderr=True):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        _put(client, config, lines)
    if rest:
        _put(client, config, [rest])


def _put(client: Any, config: dict[str, Any], lines: list[bytes]) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line.decode(errors="replace")} for line in lines if line]
    for start in range(0, len(events), _BATCH):
        client.put_log_events(
            logGroupName=config["group"], logStreamName=config["stream"], logEvents=events[start : start + _BATCH]
        )


def install() -> None:
    """Replace MiniStack's resolution of secrets and its log forwarding, which act as nobody."""
    patch.replace(ecs, "_resolve_container_secrets", _secrets, "cdef")
    patch.replace(ecs, "_start_awslogs_forwarder", _logs, "container cdef task_id")
