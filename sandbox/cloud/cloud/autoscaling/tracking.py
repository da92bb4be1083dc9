"""Scale by target tracking: two alarms for each policy, and what the policy does when one of them fires.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html: alarms begin
with ``TargetTracking-``; the high one fires after three minutes above the target, the low one after fifteen below a
tenth under it; capacity follows the metric in proportion, rounded up, and leaves neither the minimum nor the maximum.
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-cooldown.html says how long
a policy rests, https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html that an alarm calls
its scaling policy each minute while it lasts.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html: a service below its minimum is
not scaled in. High-resolution metrics, metric math and other policies scale nothing here.
"""

import math
import uuid
from typing import Any

from ministack.services import cloudwatch, ecs

from cloud.cloudwatch import queries
from cloud.cloudwatch.series import Series, Window
from cloud.core import clock

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch: "_alarms _put_metric_alarm",
    ecs: "_services _update_service",
}

_MINUTE, _LOW = 60, 0.9
_HIGH_PERIODS, _LOW_PERIODS = 3, 15
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
_COOLDOWN_SECONDS = 300
_OF_SERVICES = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}

Scaled = dict[str, Any]


def _metric(policy: Scaled) -> dict[str, Any] | None:
    """The metric that a policy tracks, as an alarm has it; None where this sandbox has none."""
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    if own := tracking.get("CustomizedMetricSpecification"):
        names = ("Namespace", "MetricName", "Dimensions", "Statistic")
        return {name: own[name] for name in names if name in own} if own.get("MetricName") else None
    asked = tracking["PredefinedMetricSpecification"]
    if name := _OF_SERVICES.get(asked["PredefinedMetricType"]):
        _, cluster, service = policy["ResourceId"].split("/")
        named = {"ClusterName": cluster, "ServiceName": service}
        return _of("AWS/ECS", name, "Average", named)
    if asked["PredefinedMetricType"] == "ALBRequestCountPerTarget":
        balancer, targets = asked["ResourceLabel"].split("/targetgroup/")
        named = {"LoadBalancer": balancer, "TargetGroup": f"targetgroup/{targets}"}
        return _of("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", named)
    return None


def _of(namespace: str, name: str, statistic: str, dimensions: dict[str, str]) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Statistic": statistic, "Dimensions": named}


def watch(policy: Scaled) -> list[dict[str, str]]:
    """Make or change the alarms of a policy, and name them."""
    tracking, metric = policy["TargetTrackingScalingPolicyConfiguration"], _metric(policy)
    if metric is None:
        return []
    target = tracking["TargetValue"]
    wanted = [("AlarmHigh", "GreaterThanThreshold", target, _HIGH_PERIODS)]
    if not tracking["DisableScaleIn"]:
        wanted.append(("AlarmLow", "LessThanThreshold", target * _LOW, _LOW_PERIODS))
    known = [each["AlarmName"] for each in policy["Alarms"]]
    made = []
    for kind, comparison, threshold, periods in wanted:
        begin = f"TargetTracking-{policy['ResourceId']}-{kind}-"
        name = next((each for each in known if each.startswith(begin)), f"{begin}{uuid.uuid4()}")
        cloudwatch._put_metric_alarm(
            {},
            {
                "AlarmName": name,
                "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
                "AlarmActions": [policy["PolicyARN"]],
                "ComparisonOperator": comparison,
                "Threshold": threshold,
                "Period": _MINUTE,
                "EvaluationPeriods": periods,
                **metric,
            },
            False,
            is_json=True,
        )
        made.append({"AlarmName": name, "AlarmARN": cloudwatch._alarms[name]["AlarmArn"]})
    for gone in policy["Alarms"]:
        if gone not in made:
            cloudwatch._alarms.pop(gone["AlarmName"], None)
    return made


def forget(policy: Scaled) -> None:
    """Delete the alarms of a policy."""
    for each in policy["Alarms"]:
        cloudwatch._alarms.pop(each["AlarmName"], None)


def follow(target: Scaled, policy: Scaled, activities: list[Scaled]) -> None:
    """Do what a policy asks for while one of its alarms lasts, at most once a minute."""
    fired = [cloudwatch._alarms.get(each["AlarmName"], {}) for each in policy["Alarms"]]
    for alarm in fired:
        if alarm.get("StateValue") == "ALARM" and clock.time() - policy.get("_asked", 0) >= _MINUTE:
            policy["_asked"] = clock.time()
            _scale(target, policy, alarm, activities)


def _scale(target: Scaled, policy: Scaled, alarm: Scaled, activities: list[Scaled]) -> None:
    outward, suspended = alarm["ComparisonOperator"] == "GreaterThanThreshold", target["SuspendedState"]
    if suspended["DynamicScalingOutSuspended" if outward else "DynamicScalingInSuspended"]:
        return
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    kind = "ScaleOut" if outward else "ScaleIn"
    rest = tracking.get(f"{kind}Cooldown", _COOLDOWN_SECONDS)
    value, service = _value(alarm), _service(policy["ResourceId"])
    if value is None or service is None or clock.time() - policy.get(f"_{kind}", 0) < rest:
        return
    current, least, most = service["desiredCount"], target["MinCapacity"], target["MaxCapacity"]
    if not outward and current <= least:
        return
    wanted = min(max(math.ceil(current * value / tracking["TargetValue"]), least), most)
    if (wanted > current) != outward or wanted == current:
        return
    policy[f"_{kind}"] = clock.time()
    cluster = service["clusterArn"].rsplit("/", 1)[-1]
    ecs._update_service({"cluster": cluster, "service": service["serviceName"], "desiredCount": wanted})
    activities.append(_activity(policy, alarm, wanted))


def _value(alarm: Scaled) -> float | None:
    """The last value of an alarm's metric."""
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    asked = [{"Id": "m", "MetricStat": {"Metric": metric, "Period": _MINUTE, "Stat": alarm["Statistic"]}}]
    found = queries.evaluate(asked, Window.until(clock.time(), _MINUTE, _HIGH_PERIODS))["m"]
    points = found.points if isinstance(found, Series) else {}
    return points[max(points)] if points else None


def _service(resource: str) -> Scaled | None:
    _, cluster, name = resource.split("/")
    for service in ecs._services.values():
        if service.get("serviceName") == name and service["clusterArn"].endswith(f"/{cluster}"):
            return service
    return None


def _activity(policy: Scaled, alarm: Scaled, wanted: int) -> Scaled:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html"""
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    return {
        "ActivityId": str(uuid.uuid4()),
        **{name: policy[name] for name in names},
        "Description": f"Setting desired count to {wanted}.",
        "Cause": f"monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy['PolicyName']}",
        "StartTime": clock.time(),
        "EndTime": clock.time(),
        "StatusCode": "Successful",
        "StatusMessage": f"Successfully set desired count to {wanted}. Change successfully fulfilled by ecs.",
    }
