"""What answers of ECS say that nobody has set: defaults of Fargate and of the API.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Types.html. MiniStack gives back what it was given, with
empty texts for what is not there, and what only tasks on EC2 instances have.
"""

from collections.abc import Iterator
from typing import Any

from cloud.requests.answers import completes, shown
from cloud.requests.rules import Call

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
_PLATFORM = {"platformVersion": "1.4.0", "platformFamily": "Linux"}
_LINKED_ROLE = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def _without_empty(record: dict[str, Any], *names: str) -> None:
    for name in names:
        if not record.get(name):
            record.pop(name, None)


@completes("ecs", "RegisterTaskDefinition DescribeTaskDefinition DeregisterTaskDefinition")
def _definition(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""
    definition = answer["taskDefinition"]
    _without_empty(definition, "pidMode", "ipcMode", "executionRoleArn", "taskRoleArn")
    definition.setdefault("enableFaultInjection", False)
    definition["compatibilities"] = sorted(definition.get("compatibilities", []))
    for volume in definition["volumes"]:
        _without_empty(volume, "configuredAtLaunch")
        if set(volume) == {"name"}:
            volume["host"] = {}
    for container in definition["containerDefinitions"]:
        _container(container, definition.get("networkMode"))
    definition["requiresAttributes"] = [{"name": each} for each in sorted(set(_attributes(definition)))]


def _container(container: dict[str, Any], network: str | None) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""
    for name in ("environment", "mountPoints", "portMappings", "systemControls", "volumesFrom"):
        container.setdefault(name, [])
    for mapping in container["portMappings"]:
        mapping.setdefault("protocol", "tcp")
        mapping.setdefault("hostPort", mapping["containerPort"] if network in ("awsvpc", "host") else 0)
    if check := container.get("healthCheck"):
        container["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3} | check


def _attributes(definition: dict[str, Any]) -> Iterator[str]:
    """What a container instance would need; the names are those that the agent registers:
    https://github.com/aws/amazon-ecs-agent/blob/master/agent/app/agent_capability.go"""
    if definition.get("networkMode") == "awsvpc":
        yield "ecs.capability.task-eni"
    if definition.get("taskRoleArn"):
        yield "com.amazonaws.ecs.capability.task-iam-role"
    for container in definition["containerDefinitions"]:
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        ssm = any(":secretsmanager:" not in each["valueFrom"] for each in container.get("secrets", []))
        yield from _EXECUTION.get((driver, bool(definition.get("executionRoleArn"))), ())
        yield from ("ecs.capability.secrets.ssm.environment-variables",) if ssm else ()
        yield from (name for member, name in _NEEDED.items() if container.get(member))


_EXECUTION = {
    ("awslogs", False): ("com.amazonaws.ecs.capability.logging-driver.awslogs",),
    ("awslogs", True): (
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "ecs.capability.execution-role-awslogs",
    ),
}
_NEEDED = {
    "dependsOn": "ecs.capability.container-ordering",
    "healthCheck": "ecs.capability.container-health-check",
}


@completes("ecs", "CreateService UpdateService DescribeServices DeleteService")
def _services(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""
    for service in shown(answer, "services", "service"):
        fargate = _on_fargate(service)
        if fargate:
            service["platformFamily"] = _PLATFORM["platformFamily"]
        if service.get("loadBalancers") or service.get("networkConfiguration"):
            service["roleArn"] = f"arn:aws:iam::{call.account}:role/{_LINKED_ROLE}"
        for name in ("placementConstraints", "placementStrategy"):
            service.setdefault(name, [])
        service["deploymentConfiguration"] = {"strategy": "ROLLING", "bakeTimeInMinutes": 0} | service.get(
            "deploymentConfiguration", {}
        )
        for deployment in service.get("deployments", []):
            network = service.get("networkConfiguration")
            deployment |= ({"networkConfiguration": network} if network else {}) | (_PLATFORM if fargate else {})
        for record in (service, *service.get("deployments", [])):
            _strategy(record.get("capacityProviderStrategy", []))


def _on_fargate(record: dict[str, Any]) -> bool:
    named = [each["capacityProvider"] for each in record.get("capacityProviderStrategy", [])]
    return any(name.startswith("FARGATE") for name in [*named, record.get("launchType", "")])


def _strategy(strategy: list[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""
    for item in strategy:
        item.setdefault("base", 0)
        item.setdefault("weight", 0)


@completes("ecs", "CreateCluster UpdateCluster DescribeClusters PutClusterCapacityProviders")
def _clusters(call: Call, answer: dict[str, Any]) -> None:
    for cluster in shown(answer, "clusters", "cluster"):
        _strategy(cluster.get("defaultCapacityProviderStrategy", []))


@completes("ecs", "DescribeCapacityProviders")
def _providers(call: Call, answer: dict[str, Any]) -> None:
    for provider in answer["capacityProviders"]:
        _without_empty(provider, "autoScalingGroupProvider")


@completes("ecs", "RunTask StopTask DescribeTasks")
def _tasks(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html"""
    for task in shown(answer, "tasks", "task"):
        _without_empty(task, "stopCode", "stoppedReason", "startedBy")
        if task.get("launchType") == "FARGATE":
            task.pop("containerInstanceArn", None)
            storage = task.setdefault("ephemeralStorage", {"sizeInGiB": 20})
            task["fargateEphemeralStorage"] = {"sizeInGiB": storage["sizeInGiB"]}
            task["attributes"] = [{"name": "ecs.cpu-architecture", "value": "x86_64"}]
        for number, container in enumerate(task.get("containers", [])):
            _task_container(task, container, number)


def runtime_id(task: dict[str, Any], number: int) -> str:
    """The id of a task's container as Fargate gives it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html"""
    return f"{task['taskArn'].rpartition('/')[2]}-{number:010d}"


def _task_container(task: dict[str, Any], container: dict[str, Any], number: int) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html"""
    if container.get("memory") == "0":
        container.pop("memory")
    if container.get("runtimeId"):
        container["runtimeId"] = runtime_id(task, number)
    for attachment in task.get("attachments", []):
        for address in [each["value"] for each in attachment["details"] if each["name"] == "privateIPv4Address"]:
            shown = {"attachmentId": attachment["id"], "privateIpv4Address": address}
            container["networkInterfaces"] = [shown]
