"""Policies of target tracking scale a service by its metric."""

import secrets
from datetime import UTC, datetime
from typing import Any

from helpers.emulator import Emulator
from helpers.signals import advance

DIMENSION = "ecs:service:DesiredCount"


class Service:
    """A service of no task, since none starts without an engine, with a policy on a metric of the test."""

    def __init__(self, aws: Emulator, desired: int = 1, most: int = 4, **tracking: Any) -> None:
        self.aws, self.name = aws, f"s-{secrets.token_hex(4)}"
        self.ecs, self.cloudwatch = aws.client("ecs"), aws.client("cloudwatch")
        self.scaling = aws.client("application-autoscaling")
        self.ecs.create_cluster(clusterName="c")
        self.ecs.register_task_definition(family="f", containerDefinitions=[{"name": "n", "image": "i", "memory": 128}])
        self.ecs.create_service(cluster="c", serviceName=self.name, taskDefinition="f", desiredCount=desired)
        self.target = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/c/{self.name}",
            "ScalableDimension": DIMENSION,
        }
        self.scaling.register_scalable_target(**self.target, MinCapacity=1, MaxCapacity=most)
        metric = {"Namespace": "Test", "MetricName": self.name, "Statistic": "Average"}
        self.put({"TargetValue": 60.0, "CustomizedMetricSpecification": metric, "ScaleOutCooldown": 60} | tracking)

    def put(self, tracking: dict[str, Any]) -> None:
        """Make the policy, or another of it."""
        self.scaling.put_scaling_policy(
            PolicyName="p",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
            **self.target,
        )

    def load(self, value: float, minutes: int) -> int:
        """How many tasks are desired after minutes of load."""
        for _ in range(minutes):
            at = datetime.fromtimestamp(advance(self.aws, 0), UTC)
            metric = {"MetricName": self.name, "Value": value, "Timestamp": at}
            self.cloudwatch.put_metric_data(Namespace="Test", MetricData=[metric])
            advance(self.aws, 60)
        return self.desired

    @property
    def desired(self) -> int:
        """How many tasks are desired."""
        found = self.ecs.describe_services(cluster="c", services=[self.name])["services"][0]
        return int(found["desiredCount"])

    @property
    def alarms(self) -> list[dict[str, Any]]:
        """The alarms of the policy, the high one first."""
        names = [each["AlarmName"] for each in self.policy["Alarms"]]
        found = self.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] if names else []
        return sorted(found, key=lambda each: -each["Threshold"])

    @property
    def policy(self) -> dict[str, Any]:
        """The policy as it is described."""
        found = self.scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=self.target["ResourceId"])
        return found["ScalingPolicies"][0]  # type: ignore[no-any-return]


def test_a_policy_has_the_two_alarms_that_aws_makes(moved: Emulator) -> None:
    service = Service(moved)
    high, low = service.alarms
    assert high["AlarmName"].startswith(f"TargetTracking-service/c/{service.name}-AlarmHigh-")
    assert low["AlarmName"].startswith(f"TargetTracking-service/c/{service.name}-AlarmLow-")
    for alarm, comparison, threshold, periods in ((high, "Greater", 60.0, 3), (low, "Less", 54.0, 15)):
        assert alarm["ComparisonOperator"] == f"{comparison}ThanThreshold"
        assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) == (threshold, 60, periods)
        assert alarm["AlarmActions"] == [service.policy["PolicyARN"]]


def test_another_target_keeps_the_names_of_the_alarms_and_a_deleted_policy_has_none(moved: Emulator) -> None:
    service = Service(moved)
    before = [each["AlarmName"] for each in service.alarms]
    tracking = service.policy["TargetTrackingScalingPolicyConfiguration"]
    service.put(tracking | {"TargetValue": 50.0})
    assert [(each["AlarmName"], each["Threshold"]) for each in service.alarms] == [(before[0], 50.0), (before[1], 45.0)]
    service.put(tracking | {"DisableScaleIn": True})
    assert [each["AlarmName"] for each in service.alarms] == before[:1]
    service.scaling.delete_scaling_policy(PolicyName="p", **service.target)
    assert service.cloudwatch.describe_alarms(AlarmNames=before)["MetricAlarms"] == []


def test_load_of_three_minutes_scales_out_in_proportion_and_not_beyond_the_maximum(moved: Emulator) -> None:
    service = Service(moved, ScaleOutCooldown=180)
    assert service.load(150.0, 2) == 1
    assert service.load(150.0, 2) == 3
    assert service.load(150.0, 4) == 4
    activity = service.scaling.describe_scaling_activities(ServiceNamespace="ecs", **_only(service))
    assert [each["Description"] for each in activity["ScalingActivities"]] == [
        "Setting desired count to 4.",
        "Setting desired count to 3.",
    ]


def _only(service: Service) -> dict[str, str]:
    return {name: service.target[name] for name in ("ResourceId", "ScalableDimension")}


def test_a_quarter_of_an_hour_without_load_scales_in_and_not_below_the_minimum(moved: Emulator) -> None:
    service = Service(moved, desired=3)
    assert service.load(10.0, 14) == 3
    assert service.load(10.0, 2) == 1
    assert service.load(10.0, 8) == 1


def test_a_service_rests_after_it_was_scaled(moved: Emulator) -> None:
    service = Service(moved, ScaleOutCooldown=600)
    assert service.load(90.0, 4) == 2
    assert service.load(90.0, 6) == 2
    assert service.load(90.0, 6) == 3


def test_suspended_scaling_does_nothing(moved: Emulator) -> None:
    service = Service(moved)
    service.scaling.register_scalable_target(**service.target, SuspendedState={"DynamicScalingOutSuspended": True})
    assert service.load(150.0, 5) == 1


def test_a_service_below_its_minimum_is_scaled_out_only(moved: Emulator) -> None:
    service = Service(moved, desired=0, ScaleOutCooldown=600)
    assert service.load(10.0, 17) == 0
    assert service.load(150.0, 4) == 1


def test_metrics_of_services_and_balancers_are_those_that_aws_names(moved: Emulator) -> None:
    service = Service(moved)
    label = "app/b/0123456789abcdef/targetgroup/t/0123456789abcdef"
    for kind, label_of, namespace, name, dimensions in (
        ("ECSServiceAverageCPUUtilization", "", "AWS/ECS", "CPUUtilization", {"c", service.name}),
        ("ECSServiceAverageMemoryUtilization", "", "AWS/ECS", "MemoryUtilization", {"c", service.name}),
        (
            "ALBRequestCountPerTarget",
            label,
            "AWS/ApplicationELB",
            "RequestCountPerTarget",
            {"app/b/0123456789abcdef", "targetgroup/t/0123456789abcdef"},
        ),
    ):
        asked = {"PredefinedMetricType": kind} | ({"ResourceLabel": label_of} if label_of else {})
        service.put({"TargetValue": 60.0, "PredefinedMetricSpecification": asked})
        high = service.alarms[0]
        assert (high["Namespace"], high["MetricName"]) == (namespace, name)
        assert {each["Value"] for each in high["Dimensions"]} == dimensions
