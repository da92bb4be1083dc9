"""Copies of images in other regions, as the registry's configuration says.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutReplicationConfiguration.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html: what is pushed from then on is copied, into a
repository that ECR makes where there is none. Copies to other accounts are not made: a sandbox is one account.
"""

import copy
import json
from typing import Any

from ministack.core.responses import (
    AccountRegionScopedDict,
    get_account_id,
    get_region,
    json_response,
    set_request_region,
)
from ministack.services import ecr

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {ecr: "_repositories _create_repository"}

_TARGET = "AmazonEC2ContainerRegistry_V20150921."
_KEY = "configuration"
_configurations = AccountRegionScopedDict()


def _rules() -> list[dict[str, Any]]:
    return _configurations.get(_KEY, {}).get("rules", [])


def _put(given: dict[str, Any]) -> Any:
    _configurations[_KEY] = given["replicationConfiguration"]
    return json_response({"replicationConfiguration": given["replicationConfiguration"]})


def _describe(_given: dict[str, Any]) -> Any:
    return json_response({"registryId": get_account_id(), "replicationConfiguration": {"rules": _rules()}})


_OPERATIONS = {"PutReplicationConfiguration": _put, "DescribeRegistry": _describe}


async def _handle(old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Any:
    operation = _OPERATIONS.get(headers.get("x-amz-target", "").removeprefix(_TARGET))
    if operation is None:
        return await old(method, path, headers, body, query_params)
    return operation(json.loads(body))


def _copied(old: Any, data: dict[str, Any]) -> Any:
    """Put the image, and its copies where it was taken."""
    answer = old(data)
    if answer[0] == 200:
        home = get_region()
        for region in _destinations(data["repositoryName"]) - {home}:
            set_request_region(region)
            try:
                if data["repositoryName"] not in ecr._repositories:
                    ecr._create_repository({"repositoryName": data["repositoryName"]})
                old(data)
            finally:
                set_request_region(home)
    return answer


def _destinations(repository: str) -> set[str]:
    """The regions that a repository is copied to; a rule without filters is for all."""
    return {
        destination["region"]
        for rule in _rules()
        if any(repository.startswith(each["filter"]) for each in rule.get("repositoryFilters") or [{"filter": ""}])
        for destination in rule["destinations"]
        if destination["registryId"] == get_account_id()
    }


def get_state(old: Any) -> dict[str, Any]:
    """What MiniStack saves of the service, with the configurations."""
    return {**old(), "replication_configurations": copy.deepcopy(_configurations)}


def load_persisted_state(old: Any, data: dict[str, Any]) -> None:
    """Take over what was saved."""
    old(data)
    _configurations.update((data or {}).get("replication_configurations", {}))


def install() -> None:
    """Add the operations, copy what is pushed, and save what is configured."""
    patch.wrap(ecr, "handle_request", _handle, "method path headers body query_params")
    patch.wrap(ecr, "_put_image", _copied, "data")
    patch.wrap(ecr, "get_state", get_state, "")
    patch.wrap(ecr, "load_persisted_state", load_persisted_state, "data")
