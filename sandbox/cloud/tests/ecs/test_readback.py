"""Definitions, services and tasks are shown with AWS's defaults, also while threads change them."""

from typing import Any

from helpers.emulator import ACCOUNT, Emulator

from cloud.ecs import answers, readback
from cloud.requests.rules import Call


class Growing(str):
    """A name at whose sight a thread adds a member to the record."""

    record: dict[str, Any]

    def startswith(self, *arguments: Any) -> bool:
        self.record[f"_{len(self.record)}"] = "added"
        return super().startswith(*arguments)


def test_a_record_that_grows_while_it_is_shown() -> None:
    name = Growing("taskArn")
    name.record = {name: "task/1", "containers": [{"name": "main", "reason": None, "_id": "c"}], "startedAt": None}
    assert readback.shown(name.record) == {"taskArn": "task/1", "containers": [{"name": "main"}]}
    assert len(name.record) == 4


CONTAINER = {
    "name": "main",
    "image": f"{ACCOUNT}.dkr.ecr.us-west-1.amazonaws.com/app:1",
    "essential": True,
    "portMappings": [{"containerPort": 3000}],
    "healthCheck": {"command": ["CMD", "true"], "startPeriod": 60},
}
DEFINITION: dict[str, Any] = {
    "family": "readback",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "volumes": [{"name": "tmp"}],
}


def test_a_definition_has_the_defaults_of_its_containers(aws: Emulator) -> None:
    ecs = aws.client("ecs")
    made = ecs.register_task_definition(containerDefinitions=[CONTAINER], **DEFINITION)["taskDefinition"]
    found = ecs.describe_task_definition(taskDefinition=made["taskDefinitionArn"])["taskDefinition"]
    assert made == found
    container = found["containerDefinitions"][0]
    assert container["portMappings"] == [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp"}]
    assert container["healthCheck"] == CONTAINER["healthCheck"] | {"interval": 30, "timeout": 5, "retries": 3}
    empty = ("environment", "mountPoints", "systemControls", "volumesFrom")
    assert {name: container[name] for name in empty} == {name: [] for name in empty}
    assert (container["cpu"], found["enableFaultInjection"]) == (0, False)
    assert found["volumes"] == [{"name": "tmp", "host": {}}]
    assert found["compatibilities"] == ["EC2", "FARGATE"]
    assert {"name": "ecs.capability.task-eni"} in found["requiresAttributes"]
    assert not {"pidMode", "ipcMode", "taskRoleArn"} & set(found)


NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
CALL = Call("ecs", "DescribeTasks", {}, "us-west-1", ACCOUNT)


def test_a_service_on_fargate_has_the_platform_and_the_defaults_of_its_deployments() -> None:
    service: dict[str, Any] = {
        "networkConfiguration": NETWORK,
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
        "deploymentConfiguration": {"maximumPercent": 200},
        "platformFamily": "",
        "deployments": [{"id": "ecs-svc/1"}],
    }
    answers._services(CALL, {"services": [service]})
    assert service["platformFamily"] == "Linux"
    assert service["deployments"] == [
        {
            "id": "ecs-svc/1",
            "networkConfiguration": NETWORK,
            "platformFamily": "Linux",
            "platformVersion": "1.4.0",
        }
    ]
    assert service["deploymentConfiguration"]["strategy"] == "ROLLING"
    assert service["capacityProviderStrategy"] == [{"base": 0, "capacityProvider": "FARGATE", "weight": 1}]
    assert service["roleArn"].endswith("/AWSServiceRoleForECS")


def test_a_task_on_fargate_shows_its_interface_and_no_instance() -> None:
    address = {"name": "privateIPv4Address", "value": "10.0.1.7"}
    task: dict[str, Any] = {
        "taskArn": "task/work/1",
        "launchType": "FARGATE",
        "containerInstanceArn": "container-instance/work/1",
        "stopCode": "",
        "stoppedReason": "",
        "containers": [{"name": "main", "memory": "0"}],
        "attachments": [{"id": "a", "details": [address]}],
    }
    answers._tasks(CALL, {"tasks": [task]})
    assert not {"containerInstanceArn", "stopCode", "stoppedReason"} & set(task)
    assert task["fargateEphemeralStorage"] == {"sizeInGiB": 20}
    interface = {"attachmentId": "a", "privateIpv4Address": "10.0.1.7"}
    assert task["containers"] == [{"name": "main", "networkInterfaces": [interface]}]
