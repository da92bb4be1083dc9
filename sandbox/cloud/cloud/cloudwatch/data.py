"""Answer GetMetricData, with metric math.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html: the latest value first unless
asked otherwise, of the metric with exactly those dimensions, in periods that begin with the range. MiniStack takes a
metric without dimensions for all of its name, begins periods at multiples, gives the oldest first and knows no math.
"""

from typing import Any

from ministack.services import cloudwatch

from cloud.cloudwatch import queries
from cloud.cloudwatch.functions import MathError
from cloud.cloudwatch.readback import nested, typed
from cloud.cloudwatch.series import Series, Window
from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch: "_cbor_metric_data_result _cbor_ok _error _json_ok _p _parse_ts _ts_iso _xml",
}


def _data(params: dict, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> tuple:
    if is_cbor or is_json:
        asked = cbor_data
    else:
        names = ("StartTime", "EndTime", "ScanBy")
        asked = {name: cloudwatch._p(params, name) for name in names}
        asked["MetricDataQueries"] = typed(nested(params, "MetricDataQueries"))
    try:
        results = _results(asked)
    except MathError as error:
        return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
    if is_cbor:
        return cloudwatch._cbor_ok({"MetricDataResults": [cloudwatch._cbor_metric_data_result(r) for r in results]})
    if is_json:
        return cloudwatch._json_ok({"MetricDataResults": results})
    members = "".join(f"<member>{_written(result)}</member>" for result in results)
    inner = f"<GetMetricDataResult><MetricDataResults>{members}</MetricDataResults></GetMetricDataResult>"
    return cloudwatch._xml(200, "GetMetricDataResponse", inner)


def _results(asked: dict[str, Any]) -> list[dict[str, Any]]:
    given = asked["MetricDataQueries"]
    # An expression has the longest period of all metrics.
    found = queries.evaluate(given, _window(asked, queries.period(given)))
    for query in given:
        if query.get("MetricStat"):
            found |= queries.evaluate([query], _window(asked, queries.period([query])))
    shown = []
    for query in given:
        if not query.get("ReturnData", True):
            continue
        result = found[query["Id"]]
        for each in result if isinstance(result, list) else [result]:
            shown.append(_shown(query, each, asked.get("ScanBy") == "TimestampAscending"))
    return shown


def _window(asked: dict[str, Any], period: int) -> Window:
    start, end = cloudwatch._parse_ts(asked["StartTime"]), cloudwatch._parse_ts(asked["EndTime"])
    begin = start // min(60, period) * min(60, period)
    return Window(begin, period, max(0, -int(-(end - begin) // period)))


def _shown(query: dict[str, Any], series: Series, ascending: bool) -> dict[str, Any]:
    points = sorted(series.points.items(), reverse=not ascending)
    name = query["MetricStat"]["Metric"]["MetricName"] if query.get("MetricStat") else query["Id"]
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or name,
        "Timestamps": [cloudwatch._ts_iso(at) for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def _written(result: dict[str, Any]) -> str:
    lists = {name: "".join(f"<member>{each}</member>" for each in result[name]) for name in ("Timestamps", "Values")}
    return "".join(f"<{name}>{lists.get(name, value)}</{name}>" for name, value in result.items())


def install() -> None:
    """Put this in the place of MiniStack's operation."""
    patch.replace(cloudwatch, "_get_metric_data", _data, "params cbor_data is_cbor is_json")
