"""Take a Spot task back when somebody asks for it: POST /_sandbox/spot-interruption?task=ID.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html: the containers get SIGTERM
two minutes before they must be gone, and SIGKILL after their stop timeout; the task shows the stop code
SpotInterruption and the reason "Your Spot Task was interrupted.". The warning that EventBridge gets before is not sent.
AWS has no call for it, so the path is the sandbox's own.
"""

import json
from typing import Any

from ministack import app
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs import stopping

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    ecs: "_tasks",
}

PATH = "/_sandbox/spot-interruption"
REASON, CODE = "Your Spot Task was interrupted.", "SpotInterruption"


async def _answer(old: Any, path: str, method: str, query_params: dict[str, Any]) -> Any:
    if path != PATH or method != "POST":
        return await old(path, method, query_params)
    status, said = interrupt((query_params.get("task") or [""])[0])
    return status, {"Content-Type": "application/json"}, json.dumps({"message": said}).encode()


def interrupt(task_id: str) -> tuple[int, str]:
    """Begin to stop a Spot task as AWS does; the status of the answer and what it says."""
    for (account, region, arn), task in ecs._tasks.all_items():
        if arn.rsplit("/", 1)[-1] != task_id:
            continue
        if task.get("capacityProviderName") != "FARGATE_SPOT":
            return 409, f"the task {task_id} is not on Spot capacity"
        with request_scope(account, region):
            stopping.stop(task, REASON, CODE)
        return 200, REASON
    return 404, f"there is no task {task_id}"


def install() -> None:
    """Answer the path beside MiniStack's own ones."""
    patch.wrap(app, "_handle_admin_reset", _answer, "path method query_params")
