"""Put the tags on a task that RunTask asks for: its own, those of the definition, and those that ECS manages.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html (propagateTags, enableECSManagedTags) and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html (aws:ecs:clusterName). MiniStack knows
the request's own tags only.
"""

from typing import Any

from ministack.services import ecs

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_resolve_cluster_name _resolve_td_key _tags _task_defs",
}


def _run(old: Any, data: dict[str, Any]) -> Any:
    tags: dict[str, str] = {}
    if data.get("propagateTags") == "TASK_DEFINITION":
        definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", ""))) or {}
        tags |= _plain(ecs._tags.get(definition.get("taskDefinitionArn")))
    tags |= _plain(data.get("tags"))
    if data.get("enableECSManagedTags"):
        tags["aws:ecs:clusterName"] = ecs._resolve_cluster_name(data.get("cluster", "default")) or ""
    return old(data | {"tags": [{"key": key, "value": value} for key, value in tags.items()]})


def _plain(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in tags or []}


def install() -> None:
    """Add to what MiniStack tags a task with."""
    patch.wrap(ecs, "_run_task", _run, "data")
