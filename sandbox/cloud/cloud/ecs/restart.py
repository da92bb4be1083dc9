"""Tasks outlive a restart of the emulator: those whose containers still run are taken up again, the rest is removed.

On AWS tasks do not depend on the control plane's process
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html). MiniStack removes all
containers when it starts and ends, and starts its services' tasks anew.
"""

import logging
import re
from typing import Any

from ministack import app
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import ecs

from cloud.core import partition, patch, settings
from cloud.ecs import agent, credentials, current, health, network, services
from cloud.network import interfaces

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    ecs: "_get_docker _resolve_td_key _task_defs _tasks _watch_task_lifecycle",
}

log = logging.getLogger(__name__)
_ARN, _NAME = "com.amazonaws.ecs.task-arn", "com.amazonaws.ecs.container-name"
_CREDENTIALS = re.compile(r"AWS_CONTAINER_CREDENTIALS_FULL_URI=.*/v2/credentials/([0-9a-f-]+)$")
# What was running when the state was saved, by (account, region, ARN).
_running: dict[tuple[str, str, str], dict[str, Any]] = {}


def _restore(old: Any, data: dict[str, Any]) -> None:
    tasks = (data or {}).get("tasks")
    for key, task in tasks.all_items() if tasks is not None else ():
        if task.get("lastStatus") == "RUNNING" and task.get("desiredStatus") == "RUNNING":
            _running[key] = {
                "version": task.get("version"),
                "containers": [dict(each) for each in task.get("containers", [])],
            }
    old(data)


def _containers(client: Any) -> dict[str, dict[str, Any]]:
    """The containers of tasks by the task's ARN and their names."""
    found: dict[str, dict[str, Any]] = {}
    mine = f"{settings.INSTANCE_LABEL}={settings.instance()}"
    for container in client.containers.list(all=True, filters={"label": [mine, _ARN]}):
        found.setdefault(partition.here().inward(container.labels[_ARN]), {})[container.labels[_NAME]] = container
    return found


def _lives(task: dict[str, Any], definition: dict[str, Any], containers: dict[str, Any]) -> bool:
    essential = {c["name"] for c in definition.get("containerDefinitions", []) if c.get("essential", True)}
    known = {c["name"] for c in task["containers"]}
    if not interfaces.of(task["taskArn"]):
        return False
    return known == set(containers) and all(containers[name].status == "running" for name in essential)


def _take_up(task: dict[str, Any], saved: dict[str, Any], containers: dict[str, Any], client: Any) -> None:
    definition = ecs._task_defs[ecs._resolve_td_key(task["taskDefinitionArn"])]
    starting = current.Starting(task, definition)
    by_name = {c["name"]: c for c in definition["containerDefinitions"]}
    task.update(lastStatus="RUNNING", desiredStatus="RUNNING", _startup_stable=True, **saved)
    task["_docker_ids"] = [containers[each["name"]].id for each in task["containers"]]
    task["_container_essentials"] = [bool(by_name[each["name"]].get("essential", True)) for each in task["containers"]]
    current.enter(starting)
    network.ensure(client, task["taskArn"])
    for name, container in containers.items():
        for variable in container.attrs["Config"]["Env"]:
            if match := _CREDENTIALS.match(variable):
                credentials.restore(match.group(1), starting)
        if container.status == "running":
            health.watch(starting, by_name[name], container)
            agent.resume(container, by_name[name], starting.id)


def _after_loading(old: Any) -> None:
    old()
    client = ecs._get_docker()
    try:
        if client is not None and settings.network():
            _take_up_all(client)
    except Exception:
        # The server would go on without a word, and without its services.
        log.exception("the tasks of before could not be taken up")
        raise
    services.begin()


def _take_up_all(client: Any) -> None:
    found, kept = _containers(client), set()
    for (account, region, arn), saved in _running.items():
        with request_scope(account, region):
            task = ecs._tasks.get(arn)
            definition = ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"])) if task else None
            if not task or not definition or not _lives(task, definition, found.get(arn, {})):
                continue
            _take_up(task, saved, found[arn], client)
            ecs._watch_task_lifecycle(task, client, account, region)
            kept.add(arn.rsplit("/", 1)[-1])
    log.info("%d tasks run on", len(kept))
    _running.clear()
    network.sweep(client, kept)


def install() -> None:
    """Take up tasks when the state has been loaded."""
    patch.wrap(ecs, "_restore_state", _restore, "data")
    # Around core.persistence, which begins to save as soon as all is loaded.
    patch.wrap(app, "_load_persisted_state", _after_loading, "")
