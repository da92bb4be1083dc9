"""Give each task the temporary credentials of its own role, and nothing else.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

import re
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import ecs, imds

from cloud.core import patch, settings
from cloud.ecs import current
from cloud.iam import role_session

# What this module uses of MiniStack.
NEEDS = {
    imds: "_future _json_resp _not_found",
}

_PATH = re.compile(r"/v2/credentials/([0-9a-f-]+)/?$")
# By the id in the container's variable: the role's ARN and the task's id. MiniStack asks in its request's scope.
_roles: dict[str, tuple[str, str]] = {}


def _register(
    old: Any, task_arn: str, cluster_arn: str, td: Any, cdef: Any, launch_type: str, env: Any, *_: Any
) -> Any:
    token = old(task_arn, cluster_arn, td, cdef, launch_type, env, False, settings.TASK_ENDPOINT)
    env.pop("AWS_CONTAINER_AUTHORIZATION_TOKEN", None)
    env.pop("AWS_CONTAINER_CREDENTIALS_FULL_URI", None)
    starting = current.get()
    if role := starting.role("taskRoleArn"):
        secret_id = new_uuid()
        _roles[secret_id] = (role, starting.id)
        env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = (
            f"http://{settings.TASK_ENDPOINT}:{settings.gateway_port()}/v2/credentials/{secret_id}"
        )
    return token


async def _answer(old: Any, method: str, path: str, *rest: Any) -> Any:
    match = _PATH.match(path)
    if match is None:
        return await old(method, path, *rest)
    if match.group(1) not in _roles:
        return imds._not_found()
    role, task_id = _roles[match.group(1)]
    found = role_session.assume(role, task_id)
    return imds._json_resp(
        {
            "RoleArn": role,
            "AccessKeyId": found.access_key,
            "SecretAccessKey": found.secret_key,
            "Token": found.token,
            "Expiration": imds._future(role_session.LIFETIME_SECONDS),
        }
    )


def restore(secret_id: str, starting: current.Starting) -> None:
    """Give a task that runs on after a restart its credentials again, at the address that it knows."""
    _roles[secret_id] = (starting.role("taskRoleArn"), starting.id)


def install() -> None:
    """Replace MiniStack's random credentials."""
    patch.wrap(
        ecs, "_register_metadata", _register, "task_arn cluster_arn td cdef launch_type env host_mode ministack_net_ip"
    )
    patch.wrap(imds, "handle_request", _answer, "method path headers body query_params")
