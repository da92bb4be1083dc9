"""Change the key of a log group.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html and
API_DisassociateKmsKey.html. MiniStack takes a key when a group is made, and knows neither operation.
"""

from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs

# What this module uses of MiniStack.
NEEDS = {cloudwatch_logs: "_log_groups _resolve_group_by_arn"}


def change(given: dict[str, Any]) -> Any:
    """Give a group another key, or none."""
    name = given.get("logGroupName") or cloudwatch_logs._resolve_group_by_arn(given.get("resourceIdentifier", ""))
    group = cloudwatch_logs._log_groups.get(name)
    if group is None:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    group["kmsKeyId"] = given.get("kmsKeyId")
    return json_response({})
