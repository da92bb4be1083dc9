"""Evaluate alarms, and act when their state changes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html: actions run when a state changes,
and the alarm's history tells how they ended. MiniStack looks at a metric when something is published to it, at one
statistic of the whole time and of all dimensions, knows no metric math and no missing data, and asks no policy.
"""

import json
import logging
from typing import Any

from ministack.services import cloudwatch

from cloud.cloudwatch import evaluation, notices, queries
from cloud.cloudwatch.functions import MathError
from cloud.cloudwatch.series import Series, Window
from cloud.core import clock, patch, threads
from cloud.events.emit import emit
from cloud.sns import publish

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch: (
        "TWO_WEEKS_SECONDS _alarms _evaluate_parent_alarms _history_entries _metrics _record_history _ts_iso time"
    ),
}

log = logging.getLogger(__name__)
EVERY_SECONDS = 10
_PRINCIPAL = "cloudwatch.amazonaws.com"
_FIELDS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
# https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
_FAILURES = {
    publish.NoTopic: "Topic does not exist",
    publish.NoAccess: "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: {arn}",
    publish.NoKey: "CloudWatch Alarms does not have authorization to access the SNS topic encryption key.",
}


def evaluate(alarm: dict[str, Any], now: float) -> None:
    """Bring an alarm into the state that its data points mean."""
    asked, stamps, values = _datapoints(alarm, now)
    outcome = evaluation.decide(alarm, stamps, values)
    if outcome.state is None or outcome.state == alarm["StateValue"]:
        return
    old = alarm["StateValue"]
    data = {
        "version": "1.0",
        "queryDate": notices.stamp(now),
        **({"startDate": notices.stamp(outcome.points[-1][0])} if outcome.points else {}),
        **({} if alarm.get("Metrics") else {"statistic": alarm.get("ExtendedStatistic") or alarm["Statistic"]}),
        "period": asked.period,
        "recentDatapoints": [value for _, value in reversed(outcome.points)],
        "threshold": alarm["Threshold"],
    }
    before = {"value": old, "reason": alarm["StateReason"], "timestamp": notices.stamp(alarm["StateUpdatedTimestamp"])}
    alarm |= {
        "StateValue": outcome.state,
        "StateReason": outcome.reason,
        "StateReasonData": json.dumps(data),
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }
    cloudwatch._record_history(alarm["AlarmName"], old, outcome.state, outcome.reason, reason_data=data)
    act(alarm, old, outcome.state, outcome.reason, before)
    cloudwatch._evaluate_parent_alarms(alarm)


def _datapoints(alarm: dict[str, Any], now: float) -> tuple[Window, list[float], dict[float, float]]:
    asked = alarm.get("Metrics") or [_as_query(alarm)]
    count = int(alarm["EvaluationPeriods"]) + evaluation.EXTRA_PERIODS
    window = Window.until(now, queries.period(asked), count)
    watched = next((each["Id"] for each in asked if each.get("ReturnData", True)), asked[0]["Id"])
    try:
        found = queries.evaluate(asked, window)[watched]
    except MathError:
        return window, window.stamps, {}
    return window, window.stamps, found.points if isinstance(found, Series) else {}


def _as_query(alarm: dict[str, Any]) -> dict[str, Any]:
    metric = {name: alarm.get(name) for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": metric, "Period": alarm["Period"], "Stat": alarm.get("ExtendedStatistic") or alarm["Statistic"]}
    return {"Id": "m", "MetricStat": stat | ({"Unit": alarm["Unit"]} if alarm.get("Unit") else {})}


def act(alarm: dict[str, Any], old: str, new: str, reason: str, before: dict[str, Any] | None = None) -> None:
    """Run the actions of the new state, and tell EventBridge."""
    now = clock.time()
    emit(
        "aws.cloudwatch",
        "CloudWatch Alarm State Change",
        notices.event(alarm, before or {"value": old}, now),
        alarm["AlarmArn"],
    )
    if not alarm.get("ActionsEnabled", True):
        return
    for action in alarm.get(_FIELDS[new]) or []:
        error = _run(action, alarm, notices.subject(alarm, new), notices.message(alarm, old, new, reason, now))
        _note(alarm, action, error)


def _run(action: str, alarm: dict[str, Any], subject: str, message: dict[str, Any]) -> str:
    """Why an action failed; empty when it did not."""
    if ":autoscaling:" in action:
        return ""  # the policy looks at its alarms by itself (cloud.autoscaling)
    if ":sns:" not in action:
        return "this sandbox knows actions to topics and scaling policies only"
    try:
        publish.publish(action, _PRINCIPAL, alarm["AlarmArn"], json.dumps(message), subject)
    except publish.NotPublished as refused:
        return _FAILURES[type(refused)].format(arn=action)
    return ""


def _note(alarm: dict[str, Any], action: str, error: str) -> None:
    """An item of the history about an action."""
    data = {"actionState": "Failed" if error else "Succeeded", "notificationResource": action, "error": error or None}
    summary = (
        f'Failed to execute action {action}. Received error: "{error}"'
        if error
        else f"Successfully executed action {action}"
    )
    cloudwatch._history_entries().append(
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm",
            "Timestamp": cloudwatch._ts_iso(clock.time()),
            "HistoryItemType": "Action",
            "HistorySummary": summary,
            "HistoryData": json.dumps(data),
        }
    )


def _evaluate_one(alarm: dict[str, Any]) -> None:
    evaluate(alarm, clock.time())


def _evaluate_all(at: float) -> None:
    for _ in threads.each_scope(cloudwatch._alarms):
        for alarm in cloudwatch._alarms.values():
            try:
                evaluate(alarm, at)
            except Exception:
                log.exception("the alarm %s is not evaluated", alarm["AlarmName"])


def _forget_old() -> None:
    """What is older than two weeks goes, in place: others add points meanwhile."""
    oldest = clock.time() - cloudwatch.TWO_WEEKS_SECONDS
    for key, points in cloudwatch._metrics.items():
        while points and points[0]["Timestamp"] < oldest:
            points.pop(0)
        if not points:
            cloudwatch._metrics.pop(key, None)


def install() -> None:
    """Take the place of MiniStack's evaluation, and go by the clock."""
    cloudwatch.time = clock
    patch.replace(cloudwatch, "_evaluate_alarm", _evaluate_one, "alarm")
    patch.replace(cloudwatch, "_dispatch_alarm_actions", act, "alarm old_state new_state reason")
    patch.replace(cloudwatch, "_evict_old_metrics", _forget_old, "")
    clock.every(EVERY_SECONDS, "alarms", _evaluate_all)
