"""Give back what an alarm was made with.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html. In the Query protocol, which
the AWS provider speaks, MiniStack leaves out the actions, whether they are enabled, the treatment of missing data and
the rest, and forgets metric math.
"""

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch: "_alarms _composite_alarms _p",
}

_LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_TEXTS = ("AlarmDescription", "TreatMissingData", "Unit", "EvaluateLowSampleCountPercentile", "ThresholdMetricId")
# Of a metric with a name of its own; an alarm on metric math has them per metric.
_OF_A_METRIC = ("Statistic", "ExtendedStatistic", "Period")


def install() -> None:
    """Record metric math, and render the alarms as they were made."""
    patch.wrap(cloudwatch, "_put_metric_alarm", _put, "params cbor_data is_cbor is_json")
    patch.wrap(cloudwatch, "_describe_alarms", _describe, "params cbor_data is_cbor is_json")


def _put(old: Any, params: dict, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> tuple:
    response = old(params, cbor_data, is_cbor, is_json)
    if response[0] != 200:
        return response
    if is_cbor or is_json:
        name, metrics = cbor_data.get("AlarmName", ""), cbor_data.get("Metrics")
        extra = {key: cbor_data.get(key) for key in _TEXTS if cbor_data.get(key)}
    else:
        name, metrics = cloudwatch._p(params, "AlarmName"), typed(nested(params, "Metrics"))
        extra = {key: cloudwatch._p(params, key) for key in _TEXTS if cloudwatch._p(params, key)}
        actions = []
        while action := cloudwatch._p(params, f"InsufficientDataActions.member.{len(actions) + 1}"):
            actions.append(action)
        extra["InsufficientDataActions"] = actions
    alarm = cloudwatch._alarms[name]
    alarm.update(extra)
    if metrics:
        alarm["Metrics"] = metrics
    cloudwatch._alarms[name] = alarm
    return response


def nested(params: dict, prefix: str) -> Any:
    """A list or structure that the Query protocol spread over ``Prefix.member.1.Name`` and the like."""
    tree: dict[str, Any] = {}
    for key in params:
        if key.startswith(f"{prefix}."):
            *path, last = key.removeprefix(f"{prefix}.").split(".")
            place = tree
            for part in path:
                place = place.setdefault(part, {})
            place[last] = cloudwatch._p(params, key)
    return _folded(tree)


def typed(queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Metric queries of the Query protocol with numbers and truth values in the place of texts."""
    for query in queries:
        if "ReturnData" in query:
            query["ReturnData"] = query["ReturnData"] == "true"
        for place in (query, query.get("MetricStat", {})):
            if "Period" in place:
                place["Period"] = int(place["Period"])
    return queries


def _folded(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if set(tree) == {"member"}:
        return [_folded(tree["member"][number]) for number in sorted(tree["member"], key=int)]
    return {key: _folded(value) for key, value in tree.items()}


def _rendered(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"<member>{_rendered(entry)}</member>" for entry in value)
    if isinstance(value, dict):
        return "".join(f"<{key}>{_rendered(entry)}</{key}>" for key, entry in value.items())
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def _describe(old: Any, params: dict, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> tuple:
    status, headers, body = old(params, cbor_data, is_cbor, is_json)
    if status != 200 or is_cbor or is_json:
        return status, headers, body
    text = body.decode()
    for alarm in (*cloudwatch._alarms.values(), *cloudwatch._composite_alarms.values()):
        text = _complete(text, alarm)
    return status, headers, text.encode()


def _complete(text: str, alarm: dict[str, Any]) -> str:
    fields: dict[str, Any] = {"ActionsEnabled": alarm.get("ActionsEnabled", True)}
    fields |= {name: alarm.get(name) or [] for name in _LISTS}
    fields |= {name: alarm[name] for name in _TEXTS if alarm.get(name)}
    if alarm.get("Metrics"):
        fields["Metrics"] = alarm["Metrics"]
    elif alarm.get("MetricName"):
        fields["Dimensions"] = alarm.get("Dimensions") or []
        fields |= {name: alarm[name] for name in _OF_A_METRIC if alarm.get(name)}
        if fields.get("ExtendedStatistic"):
            fields.pop("Statistic", None)
    anchor = f"<AlarmArn>{alarm['AlarmArn']}</AlarmArn>"
    return text.replace(anchor, anchor + _rendered(fields))
