"""Answer queries of Logs Insights by all of their commands, and refuse those with a command that is not known.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html (MalformedQueryException).
MiniStack leaves out what it does not know, ``stats`` among it, and answers something else than was asked.
"""

import json
from typing import Any

from ministack.services import cloudwatch_logs

from cloud.core import patch
from cloud.logs.expressions import MalformedError
from cloud.logs.query import Moment, Query, discovered

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch_logs: "_collect_query_records _public_log_record _queries _resolve_query_log_groups",
}


def _start(old: Any, data: dict[str, Any]) -> Any:
    try:
        query = Query(data.get("queryString", ""))
    except MalformedError as error:
        answer = {"__type": "MalformedQueryException", "message": str(error)}
        return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()
    if data.get("limit"):
        query.limit = min(query.limit, int(data["limit"]))
    response = old(data)
    if response[0] == 200:
        found = cloudwatch_logs._queries[json.loads(response[2])["queryId"]]
        rows, matched = query.run(_records(data))
        found["results"] = [[{"field": name, "value": value} for name, value in row.items()] for row in rows]
        found["statistics"]["recordsMatched"] = float(matched)
    return response


def _records(data: dict[str, Any]) -> list[dict[str, Any]]:
    groups = cloudwatch_logs._resolve_query_log_groups(data)
    found = []
    for record in cloudwatch_logs._collect_query_records(groups, data.get("startTime", 0), data.get("endTime", 0)):
        public = cloudwatch_logs._public_log_record(record)
        at = Moment(record["_timestamp_ms"])
        found.append({**discovered(str(public.get("@message", ""))), **public, "@timestamp": at})
    return found


def install() -> None:
    """Put this around MiniStack's queries."""
    patch.wrap(cloudwatch_logs, "_start_query", _start, "data")
