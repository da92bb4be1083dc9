"""Show tasks and services while threads change them.

A task gets members while it starts: its address, its containers' ids. MiniStack leaves its own members out of what it
answers by walking through the record itself; a walk through a dictionary ends with RuntimeError when it grows.
"""

import uuid
from typing import Any

from ministack.services import ecs

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ecs: "new_uuid",
}


def shown(record: Any) -> Any:
    """A record without the members that are MiniStack's own or have no value."""
    if isinstance(record, dict):
        members = record.copy().items()
        return {name: shown(value) for name, value in members if not name.startswith("_") and value is not None}
    return [shown(each) for each in record] if isinstance(record, list) else record


def install() -> None:
    """Put this in the place of MiniStack's walk, and name tasks as ECS does."""
    patch.replace(ecs, "_sanitize", shown, "obj")
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids
    ecs.new_uuid = lambda: uuid.uuid4().hex
