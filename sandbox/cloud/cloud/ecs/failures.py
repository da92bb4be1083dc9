"""Say why a task did not start, in the words of AWS.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html lists the errors:
CannotPullContainerError, CannotCreateContainerError, CannotStartContainerError, ResourceInitializationError. A
dependency that can never be met shows as https://github.com/aws/amazon-ecs-agent/pull/3218 says: on the container that
waited, with exit code 143. MiniStack calls each of them "unable to pull image or start container".
"""

from typing import Any

from ministack.services import ecs

from cloud.core import patch

_GENERAL = "ResourceInitializationError: unable to pull image or start container: "
NOT_STARTED = "Task failed to start"
_INTERFACE = "Unexpected EC2 error while attempting to Create Network Interface"


class StartError(RuntimeError):
    """A task cannot start; the text is its stop reason."""


def dependency(task: dict[str, Any], waiting: str, failed: str, state: str) -> StartError:
    """The container ``waiting`` waits for ``failed``, which never will be as it should; ``state`` says what it is."""
    shown = next(each for each in task["containers"] if each["name"] == waiting)
    reason = f"dependency graph: failed to resolve container ordering dependency [{failed} ({state})] for target"
    shown.update(exitCode=143, reason=f"CannotStartContainerError: {reason} [{waiting}]")
    return StartError(NOT_STARTED)


def refused(task: dict[str, Any], name: str, what: str, explanation: str) -> StartError:
    """The engine does not "Create" or "Start" a container."""
    reason = f"Cannot{what}ContainerError: Error response from daemon: {explanation}"
    next(each for each in task["containers"] if each["name"] == name)["reason"] = reason
    return StartError(reason)


def no_address(subnet: str, public: bool) -> StartError:
    """No free address: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/failed-to-start-error.html."""
    assignment = f"public IP assignment {'enabled' if public else 'disabled'}"
    creating = f"{_INTERFACE} with {assignment} in subnet '{subnet}'"
    return StartError(f"{creating}: InsufficientFreeAddressesInSubnet")


def initialization(explanation: str) -> StartError:
    """Something that the container needs cannot be prepared."""
    return StartError(f"ResourceInitializationError: {explanation}")


def _fail(old: Any, task: dict[str, Any], docker_client: Any, reason: str) -> None:
    known = (
        *(NOT_STARTED, _INTERFACE, "CannotCreateContainerError", "CannotStartContainerError"),
        "ResourceInitializationError",
    )
    said = reason.removeprefix(_GENERAL)
    old(task, docker_client, said if said.startswith(known) else reason)


def install() -> None:
    """Give reasons that are AWS's own as they are."""
    patch.wrap(ecs, "_fail_task_start", _fail, "task docker_client reason")
