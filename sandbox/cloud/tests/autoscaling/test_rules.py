"""What Application Auto Scaling refuses is refused, and what is next to it is taken."""

from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import client, refused
from helpers.workplace import make_workplace

INVALID = "ValidationException"
CPU = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
ALB = {"PredefinedMetricType": "ALBRequestCountPerTarget"}


@pytest.fixture(scope="module")
def target(aws: Emulator) -> dict:
    """A scalable target of a service."""
    place = make_workplace(aws, "scaling")
    client(aws, "ecs").create_service(
        cluster=place.cluster,
        serviceName="web",
        taskDefinition=place.definitions["right"],
        launchType="FARGATE",
        desiredCount=0,
        networkConfiguration=place.vpc.configuration,
    )
    named = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/scaling/web",
    }
    client(aws, "application-autoscaling").register_scalable_target(**named, MinCapacity=1, MaxCapacity=2)
    return named


def tracking(metric: dict | None = None, **change: Any) -> dict:
    """A policy that tracks a metric."""
    config = {"PredefinedMetricSpecification": metric or CPU, "TargetValue": 60.0, **change}
    return {
        "PolicyName": "p",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {name: value for name, value in config.items() if value},
    }


LABEL = "app/b/0123456789abcdef/targetgroup/g/0123456789abcdef"
OWN = {"MetricName": "m", "Namespace": "n", "Statistic": "Sum"}
POLICIES: dict[str, tuple[str, dict, dict]] = {
    "no configuration": (
        "TargetTrackingScaling policy configuration must be specified",
        {"PolicyName": "p", "PolicyType": "TargetTrackingScaling"},
        tracking(),
    ),
    "metric of another service": (
        "only supports the following predefined metric types",
        tracking({"PredefinedMetricType": "RDSReaderAverageCPUUtilization"}),
        tracking({"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}),
    ),
    "requests of nobody": ("Resource label should be", tracking(ALB), tracking(ALB | {"ResourceLabel": LABEL})),
    "label": (
        "Invalid resource label",
        tracking(ALB | {"ResourceLabel": "app/b"}),
        tracking(ALB | {"ResourceLabel": LABEL}),
    ),
    "two metrics": (
        "Exactly one",
        tracking(CustomizedMetricSpecification=OWN),
        tracking(CustomizedMetricSpecification=OWN, PredefinedMetricSpecification=None),
    ),
    "target": ("TargetValue must be above 0", tracking(TargetValue=-1.0), tracking(TargetValue=0.5)),
    "cooldown": ("ScaleInCooldown must be", tracking(ScaleInCooldown=-1), tracking(ScaleInCooldown=300)),
}


@pytest.mark.parametrize(("words", "change", "neighbor"), POLICIES.values(), ids=POLICIES)
def test_a_wrong_policy_is_refused_and_its_neighbor_taken(
    aws: Emulator, target: dict, words: str, change: dict, neighbor: dict
) -> None:
    scaling = client(aws, "application-autoscaling")
    refused(scaling, "put_scaling_policy", target | change, INVALID, words)
    assert scaling.put_scaling_policy(**(target | neighbor))["PolicyARN"]


@pytest.mark.parametrize(
    ("words", "change", "neighbor"),
    [
        ("Unsupported service namespace", {"ScalableDimension": "rds:cluster:ReadReplicaCount"}, {}),
        ("MinCapacity must be at least 0", {"MinCapacity": -1}, {"MinCapacity": 0}),
        ("Maximum capacity cannot be less", {"MinCapacity": 3, "MaxCapacity": 2}, {"MinCapacity": 2, "MaxCapacity": 2}),
        ("ECS service doesn't exist", {"ResourceId": "service/scaling/absent", "MinCapacity": 1, "MaxCapacity": 1}, {}),
    ],
)
def test_a_wrong_target_is_refused_and_its_neighbor_taken(
    aws: Emulator, target: dict, words: str, change: dict, neighbor: dict
) -> None:
    scaling = client(aws, "application-autoscaling")
    refused(scaling, "register_scalable_target", target | change, INVALID, words)
    assert scaling.register_scalable_target(**(target | neighbor))["ScalableTargetARN"]
