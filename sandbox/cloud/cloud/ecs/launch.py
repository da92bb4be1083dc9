"""Launch only what ECS can launch, also for a service: what is asked for when a task is placed.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (ECS has to be allowed to assume the
roles), service-event-messages.html (a service tells why it is "unable to place a task") and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html (services that have an
INACTIVE definition "can still scale up or down"). MiniStack launches anything, takes INACTIVE revisions for a family,
and without a container engine it pretends to run.
"""

from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs.rules import placement
from cloud.ecs.rules.refuse import client
from cloud.iam import trust
from cloud.requests.rules import Refused

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_get_docker _resolve_cluster_name _resolve_td_key _task_defs",
}

_SERVICE = "ecs-tasks.amazonaws.com"


def _latest_active(old: Any, reference: Any) -> Any:
    """A family without a revision means its latest ACTIVE one: API_RunTask.html, ``taskDefinition``."""
    key = old(reference)
    if not key or ":" not in key or ":" in reference.rsplit("/", 1)[-1]:
        return key
    family, latest = key.split(":")
    revisions = [f"{family}:{number}" for number in range(int(latest), 0, -1)]
    return next((each for each in revisions if (ecs._task_defs.get(each) or {}).get("status") == "ACTIVE"), key)


def _run(old: Any, data: dict[str, Any]) -> Any:
    """Refuse to launch a task in the way of RunTask."""
    try:
        _check(data)
    except Refused as refused:
        return error_response_json(refused.code, refused.message, 400)
    return old(data)


def _check(data: dict[str, Any]) -> None:
    definition = ecs._task_defs.get(ecs._resolve_td_key(data["taskDefinition"])) or {}
    placement.network(data, definition, "FARGATE")
    task, cluster = definition | (data.get("overrides") or {}), ecs._resolve_cluster_name(data.get("cluster")) or ""
    region, account = get_region(), get_account_id()
    source = f"arn:aws:ecs:{region}:{account}:task/{cluster}/0"
    for which in ("taskRoleArn", "executionRoleArn"):
        words = (
            f"ECS was unable to assume the role '{task.get(which)}' that was provided for this task. Please verify "
            "that the role being passed has the proper trust relationship and permissions and that your IAM user "
            "has permissions to pass this role."
        )
        role = task.get(which) or ""
        arn = role if ":" in role else f"arn:aws:iam::{account}:role/{role}"  # a role may be named without its ARN
        client(not role or trust.assumable(arn, _SERVICE, region, source), words)
    words = "Capacity is unavailable at this time: the sandbox has no container engine."
    client(ecs._get_docker() is not None, words)


def install() -> None:
    """Stand before MiniStack's launch, which its scheduler calls as well."""
    patch.wrap(ecs, "_resolve_td_key", _latest_active, "ref")
    patch.wrap(ecs, "_run_task", _run, "data")
