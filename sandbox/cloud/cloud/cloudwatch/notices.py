"""What CloudWatch tells when an alarm changes its state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html (to a topic) and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html (to EventBridge).
"""

import functools
import json
from datetime import UTC, datetime
from typing import Any

import botocore.session
from ministack.core.responses import get_account_id, get_region

from cloud.cloudwatch import queries

_OWN = ("AlarmActions", "OKActions", "InsufficientDataActions")


def stamp(at: float) -> str:
    """A time as CloudWatch writes it."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


@functools.cache
def region_name(region: str) -> str:
    """A region as people call it: US West (N. California)."""
    for partition in botocore.session.get_session().get_component("data_loader").load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region


def subject(alarm: dict[str, Any], state: str) -> str:
    """The subject of a notification."""
    return f'{state}: "{alarm["AlarmName"]}" in {region_name(get_region())}'[:100]


def message(alarm: dict[str, Any], old: str, new: str, reason: str, at: float) -> dict[str, Any]:
    """The message of a notification."""
    said = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm["AlarmConfigurationUpdatedTimestamp"]),
        "NewStateValue": new,
        "NewStateReason": reason,
        "StateChangeTime": stamp(at),
        "Region": region_name(get_region()),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old,
        **{name: alarm.get(name) or [] for name in _OWN},
    }
    if "AlarmRule" in alarm:
        return said | {"AlarmRule": alarm["AlarmRule"], "TriggeringChildren": _triggering(alarm)}
    return said | {"Trigger": _trigger(alarm)}


def _triggering(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    children = json.loads(alarm.get("StateReasonData") or "{}").get("triggeringAlarms", [])
    states = [(each["arn"], each["state"]) for each in children]
    return [{"Arn": arn, "State": {"Value": it["value"], "Timestamp": it["timestamp"]}} for arn, it in states]


def _trigger(alarm: dict[str, Any]) -> dict[str, Any]:
    found = {
        "Period": queries.period(alarm["Metrics"]) if alarm.get("Metrics") else alarm["Period"],
        "EvaluationPeriods": alarm["EvaluationPeriods"],
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile") or "",
    }
    if alarm.get("DatapointsToAlarm"):
        found["DatapointsToAlarm"] = alarm["DatapointsToAlarm"]
    if alarm.get("Metrics"):
        return found | {"Metrics": [_query(each) for each in alarm["Metrics"]]}
    extended = alarm.get("ExtendedStatistic")
    return found | {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        "StatisticType": "ExtendedStatistic" if extended else "Statistic",
        ("ExtendedStatistic" if extended else "Statistic"): extended or str(alarm["Statistic"]).upper(),
        "Unit": alarm.get("Unit"),
        "Dimensions": _dimensions(alarm.get("Dimensions")),
    }


def _query(query: dict[str, Any]) -> dict[str, Any]:
    if not query.get("MetricStat"):
        return dict(query)
    stat = query["MetricStat"]
    metric = stat["Metric"] | {"Dimensions": _dimensions(stat["Metric"].get("Dimensions"))}
    return query | {"MetricStat": stat | {"Metric": metric}}


def _dimensions(given: list[dict[str, str]] | None) -> list[dict[str, str]]:
    return [{"value": each["Value"], "name": each["Name"]} for each in given or []]


def event(alarm: dict[str, Any], old: dict[str, Any], at: float) -> dict[str, Any]:
    """The detail of the event "CloudWatch Alarm State Change"; ``old`` is the state before, as here."""
    state = {"value": alarm["StateValue"], "reason": alarm["StateReason"], "timestamp": stamp(at)}
    if alarm.get("StateReasonData"):
        state["reasonData"] = alarm["StateReasonData"]
    configuration: dict[str, Any] = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    if "AlarmRule" in alarm:
        configuration |= {"alarmRule": alarm["AlarmRule"]}
    else:
        configuration |= {"metrics": _metrics(alarm)}
    return {"alarmName": alarm["AlarmName"], "state": state, "previousState": old, "configuration": configuration}


def _metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if alarm.get("Metrics"):
        return [_camel(each) for each in alarm["Metrics"]]
    metric = {
        "namespace": alarm["Namespace"],
        "name": alarm["MetricName"],
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []},
    }
    stat = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    return [
        {
            "id": alarm["AlarmName"],
            "metricStat": {"metric": metric, "period": alarm["Period"], "stat": stat},
            "returnData": True,
        }
    ]


def _camel(query: dict[str, Any]) -> dict[str, Any]:
    found = {name[:1].lower() + name[1:]: value for name, value in query.items() if name != "MetricStat"}
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions") or []}
        named = {"namespace": metric.get("Namespace"), "name": metric["MetricName"], "dimensions": dimensions}
        found["metricStat"] = {"metric": named, "period": stat["Period"], "stat": stat["Stat"]}
    return found
