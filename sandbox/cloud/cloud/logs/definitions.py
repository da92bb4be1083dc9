"""Queries of Logs Insights that are saved.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html,
API_DescribeQueryDefinitions.html and API_DeleteQueryDefinition.html. MiniStack knows none of these operations.
"""

import copy
import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response

from cloud.core import clock

_KEPT = ("name", "queryString", "logGroupNames", "queryLanguage", "parameters")
_definitions = AccountRegionScopedDict()


def put(given: dict[str, Any]) -> Any:
    """Save a query, or change the one with the given id."""
    known = given.get("queryDefinitionId")
    if known and known not in _definitions:
        return _unknown()
    definition = {name: given[name] for name in _KEPT if name in given}
    identity = known or str(uuid.uuid4())
    own = {"queryDefinitionId": identity, "lastModified": int(clock.time() * 1000)}
    _definitions[identity] = {"queryLanguage": "CWLI", **definition, **own}
    return json_response({"queryDefinitionId": identity})


def describe(given: dict[str, Any]) -> Any:
    """Those whose name has a prefix, by their names, page by page."""
    prefix, most = given.get("queryDefinitionNamePrefix", ""), given.get("maxResults", 1000)
    found = [each for each in _definitions.values() if each["name"].startswith(prefix)]
    found = [each for each in found if given.get("queryLanguage", each["queryLanguage"]) == each["queryLanguage"]]
    found.sort(key=lambda each: (each["name"], each["queryDefinitionId"]))
    start = int(given.get("nextToken") or 0)
    page = {"queryDefinitions": found[start : start + most]}
    return json_response(page | ({"nextToken": str(start + most)} if len(found) > start + most else {}))


def delete(given: dict[str, Any]) -> Any:
    """Forget one."""
    if _definitions.pop(given["queryDefinitionId"], None) is None:
        return _unknown()
    return json_response({"success": True})


def _unknown() -> Any:
    return error_response_json("ResourceNotFoundException", "The specified query definition does not exist.", 400)


def get_state(old: Any) -> dict[str, Any]:
    """What MiniStack saves of the service, with these."""
    return {**old(), "query_definitions": copy.deepcopy(_definitions)}


def load_persisted_state(old: Any, data: dict[str, Any]) -> None:
    """Take over what was saved."""
    old(data)
    _definitions.update((data or {}).get("query_definitions", {}))
