"""The agent that ECS puts beside the containers of a task with ECS Exec, and where sessions lead to.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html: the agent acts as the task role, needs the
four permissions of ``ssmmessages``, and does not work in a read-only root. DescribeTasks says that its process runs;
only a session shows whether it is connected.
"""

from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs import answers, current
from cloud.iam import role_session
from cloud.network import calls
from cloud.sessions import targets

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "enforce",
    ecs: "_iso _resolve_td_key _task_defs _tasks",
}

_AGENT = "ExecuteCommandAgent"
_CHANNELS = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")


@dataclass(frozen=True)
class Target:
    """A container of a task whose agent is connected."""

    task: dict[str, Any]
    number: int

    @property
    def id(self) -> str:
        """The target as Session Manager names it."""
        cluster, task = (self.task[which].rsplit("/", 1)[-1] for which in ("clusterArn", "taskArn"))
        return str(targets.Name(cluster, task, answers.runtime_id(self.task, self.number)))

    @property
    def engine_id(self) -> str:
        """The id of the container in the engine."""
        return str(self.task["_docker_ids"][self.number])


def find(target: str) -> Target | None:
    """The container of that name; None unless its agent is connected."""
    for task in list(ecs._tasks.values()):
        for number, container in enumerate(task["containers"]):
            found = Target(task, number)
            if found.id == target and connected(task, container):
                return found
    return None


def connected(task: dict[str, Any], container: dict[str, Any]) -> bool:
    """Whether the agent of a container has its channels."""
    if not task.get("enableExecuteCommand") or container.get("lastStatus") != "RUNNING":
        return False
    definition = ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"])) or {}
    own = next((each for each in definition["containerDefinitions"] if each["name"] == container["name"]), {})
    role = current.Starting(task, definition).role("taskRoleArn")
    if not role or own.get("readonlyRootFilesystem") or calls.lacks(task["taskArn"], "ssmmessages"):
        return False
    return _allowed(role, task)


def _allowed(role: str, task: dict[str, Any]) -> bool:
    key = role_session.assume(role, task["taskArn"].rsplit("/", 1)[-1]).access_key
    actions = [f"ssmmessages:{each}" for each in _CHANNELS]
    return not any(iam_evaluator.enforce(key, action, "ssmmessages", get_region(), "*", {}) for action in actions)


def _attached(old: Any, task: dict[str, Any], container: Any, index: int, *rest: Any) -> Any:
    """A container that starts has its agent beside it."""
    done = old(task, container, index, *rest)
    if done and task.get("enableExecuteCommand"):
        agent = {"name": _AGENT, "lastStatus": "RUNNING", "lastStartedAt": ecs._iso()}
        task["containers"][index]["managedAgents"] = [agent]
    return done


def install() -> None:
    """Show the agent of each container of a task with ECS Exec."""
    patch.wrap(ecs, "_attach_started_container", _attached, "task container index metadata_token ecs_network")
