"""Scalable targets, their policies and actions are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import Emulator, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.autoscaling.service") as found:
        yield found


def test_scaling_of_a_service(emulator: Emulator) -> None:
    ecs, scaling = emulator.client("ecs"), emulator.client("application-autoscaling")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(family="f", containerDefinitions=[{"name": "n", "image": "i", "memory": 128}])
    ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=0)
    target = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}
    with pytest.raises(ClientError, match="doesn't exist"):
        scaling.register_scalable_target(**target | {"ResourceId": "service/c/none"}, MinCapacity=1, MaxCapacity=2)
    arn = scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})["ScalableTargetARN"]
    configuration = {
        "TargetValue": 65.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    scaling.put_scaling_policy(
        PolicyName="cpu",
        **target,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=configuration,
    )
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )
    emulator.stop()
    emulator.start()
    scaling = emulator.client("application-autoscaling")
    found = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/c/s"])["ScalableTargets"]
    assert [(entry["MinCapacity"], entry["MaxCapacity"]) for entry in found] == [(1, 2)]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "b"}
    policy = scaling.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["cpu"])["ScalingPolicies"][0]
    assert policy["TargetTrackingScalingPolicyConfiguration"] == configuration | {"DisableScaleIn": False}
    actions = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert [action["ScheduledActionName"] for action in actions] == ["night"]
    scaling.deregister_scalable_target(**target)
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []
    with pytest.raises(ClientError, match="ObjectNotFoundException"):
        scaling.deregister_scalable_target(**target)
