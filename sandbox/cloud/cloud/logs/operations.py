"""Operations of CloudWatch Logs that MiniStack lacks."""

import json
from typing import Any

from ministack.services import cloudwatch_logs

from cloud.core import patch
from cloud.logs import definitions, encryption, metric_filters

_TARGET = "Logs_20140328."
_OPERATIONS = {
    "AssociateKmsKey": encryption.change,
    "DisassociateKmsKey": encryption.change,
    "TestMetricFilter": metric_filters.test,
    "PutQueryDefinition": definitions.put,
    "DescribeQueryDefinitions": definitions.describe,
    "DeleteQueryDefinition": definitions.delete,
}


async def _handle(old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Any:
    operation = _OPERATIONS.get(headers.get("x-amz-target", "").removeprefix(_TARGET))
    if operation is None:
        return await old(method, path, headers, body, query_params)
    return operation(json.loads(body))


def install() -> None:
    """Add the operations, and save what they keep."""
    patch.wrap(cloudwatch_logs, "handle_request", _handle, "method path headers body query_params")
    patch.wrap(cloudwatch_logs, "get_state", definitions.get_state, "")
    patch.wrap(cloudwatch_logs, "load_persisted_state", definitions.load_persisted_state, "data")
