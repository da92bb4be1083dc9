"""Change the key of a log group.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html and
API_DisassociateKmsKey.html. MiniStack takes a key when a group is made, and knows neither operation.
"""

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {cloudwatch_logs: "_log_groups _resolve_group_by_arn"}

_OPERATIONS = ("Logs_20140328.AssociateKmsKey", "Logs_20140328.DisassociateKmsKey")


async def _handle(old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Any:
    if headers.get("x-amz-target") not in _OPERATIONS:
        return await old(method, path, headers, body, query_params)
    given = json.loads(body)
    name = given.get("logGroupName") or cloudwatch_logs._resolve_group_by_arn(given.get("resourceIdentifier", ""))
    group = cloudwatch_logs._log_groups.get(name)
    if group is None:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    group["kmsKeyId"] = given.get("kmsKeyId")
    return json_response({})


def install() -> None:
    """Add the operations."""
    patch.wrap(cloudwatch_logs, "handle_request", _handle, "method path headers body query_params")
