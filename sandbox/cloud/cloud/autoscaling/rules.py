"""Scalable targets and their policies."""

import re
from typing import Any

from cloud.requests.rules import Call, Refused, rule

_SERVICE = "application-autoscaling"
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
_METRICS = (
    "ALBRequestCountPerTarget",
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceAverageMemoryUtilizationHighResolution",
)
_LABEL = re.compile(r"app/[^/]+/[^/]+/targetgroup/[^/]+/[^/]+")


def _valid(right: Any, message: str) -> None:
    if not right:
        raise Refused("ValidationException", message)


@rule(_SERVICE, "RegisterScalableTarget PutScalingPolicy")
def _target(call: Call) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    given = call.parameters
    same = given["ScalableDimension"].startswith(f"{given['ServiceNamespace']}:")
    _valid(same, "Unsupported service namespace, resource type or scalable dimension")
    for member in ("MinCapacity", "MaxCapacity"):
        capacity = given.get(member)
        _valid(capacity is None or capacity >= 0, f"{member} must be at least 0")


@rule(_SERVICE, "PutScalingPolicy")
def _policy(call: Call) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html"""
    given = call.parameters
    kind = given.get("PolicyType", "StepScaling")
    _valid(given.get(f"{kind}PolicyConfiguration"), f"{kind} policy configuration must be specified")
    if not (tracking := given.get("TargetTrackingScalingPolicyConfiguration")):
        return
    _valid(tracking["TargetValue"] > 0, "TargetValue must be above 0")
    predefined, own = (tracking.get(f"{each}MetricSpecification") for each in ("Predefined", "Customized"))
    _valid(bool(predefined) != bool(own), "Exactly one of a predefined and a customized metric must be specified")
    for member in ("ScaleInCooldown", "ScaleOutCooldown"):
        _valid((tracking.get(member) or 0) >= 0, f"{member} must be at least 0")
    if predefined and given["ServiceNamespace"] == "ecs":
        _metric(predefined)


def _metric(predefined: dict[str, Any]) -> None:
    kind, label = predefined["PredefinedMetricType"], predefined.get("ResourceLabel")
    words = "Scalable dimension ecs:service:DesiredCount only supports the following predefined metric types: "
    _valid(kind in _METRICS, words + ", ".join(_METRICS))
    if kind == "ALBRequestCountPerTarget":
        _valid(label, f"Resource label should be specified for predefined metric type {kind}")
        _valid(_LABEL.fullmatch(label), f"Invalid resource label: {label}")
