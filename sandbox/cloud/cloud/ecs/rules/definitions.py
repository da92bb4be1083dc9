"""A task definition: names, what its containers say of each other, and sizes."""

import re
from graphlib import CycleError, TopologicalSorter
from typing import Any

from cloud.ecs.rules.refuse import client
from cloud.requests.rules import Call, rule

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_IMAGE = re.compile(r"[A-Za-z0-9_:./#@-]+")


def containers(call: Call) -> list[dict[str, Any]]:
    return call.parameters["containerDefinitions"]


def whole(task: dict[str, Any], which: str) -> int:
    """``cpu`` in units or ``memory`` in MiB of the whole task, which may be written as 1 vCPU or 2 GB; 0 for none."""
    text = str(task.get(which) or 0).lower().replace(" ", "")
    number = re.fullmatch(r"(\d*\.?\d+)(vcpu|gb)?", text)
    client(number, f"Invalid '{which}' setting for task.")
    return int(float(number[1]) * (1024 if number[2] else 1))


@rule("ecs", "RegisterTaskDefinition")
def _names(call: Call) -> None:
    """Letters, numbers, underscores and hyphens; each name once; at most ten containers (service quotas).

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html and
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
    """
    client(NAME.fullmatch(call.parameters["family"]), "Family contains invalid characters.")
    client(containers(call), "Container list cannot be empty.")
    client(len(containers(call)) <= 10, "Too many containers.")
    seen = set()
    for container in containers(call):
        name, image = container.get("name"), container.get("image")
        client(name, "Container.name should not be null or empty.")
        client(NAME.fullmatch(name), "Container.name contains invalid characters.")
        client(name not in seen, "Container names must be unique within a task definition.")
        client(image, "Container.image should not be null or empty.")
        client(_IMAGE.fullmatch(image), "Container.image contains invalid characters.")
        client(len(image.partition("@")[0]) <= 255, "Container.image can have at most 255 characters.")
        seen.add(name)
    for volume in call.parameters.get("volumes") or []:
        client(NAME.fullmatch(volume.get("name") or ""), "Volume.name contains invalid characters.")


@rule("ecs", "RegisterTaskDefinition")
def _essential(call: Call) -> None:
    """One at least.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    found = any(container.get("essential", True) for container in containers(call))
    client(found, "Task definition doesn't have any essential container.")


@rule("ecs", "RegisterTaskDefinition")
def _dependencies(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"""
    by_name = {container["name"]: container for container in containers(call)}
    graph = {}
    for name, container in by_name.items():
        graph[name] = set()
        for dependency in container.get("dependsOn") or []:
            other, condition = by_name.get(dependency["containerName"]), dependency["condition"]
            client(other, f"Cannot depend on container + '{dependency['containerName']}' because it does not exist")
            client(
                condition not in ("SUCCESS", "COMPLETE") or not other.get("essential", True),
                "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
            )
            client(
                condition != "HEALTHY" or other.get("healthCheck"),
                "A dependency container with HEALTHY condition must have health check configured",
            )
            graph[name].add(other["name"])
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        client(False, "Container dependencies should not have a cycle")


@rule("ecs", "RegisterTaskDefinition")
def _references(call: Call) -> None:
    """Volumes and containers have to be there that others name; a port's name is given once.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    names = {container["name"] for container in containers(call)}
    volumes = {volume["name"] for volume in call.parameters.get("volumes") or []}
    ports = set()
    for container in containers(call):
        for mount in container.get("mountPoints") or []:
            client(mount.get("sourceVolume") in volumes, f"Unknown volume '{mount.get('sourceVolume')}'.")
        for source in container.get("volumesFrom") or []:
            named = source.get("sourceContainer")
            client(named in names, f"Invalid 'volumesFrom' setting. Unknown container: '{named}'")
        for port in container.get("portMappings") or []:
            if name := port.get("name"):
                client(name not in ports, f"port mapping name '{name}' is already used")
                ports.add(name)


@rule("ecs", "RegisterTaskDefinition")
def _memory(call: Call) -> None:
    """Without a size of the task each container says one; with it none is above it.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    task = whole(call.parameters, "memory")
    for container in containers(call):
        name, hard, soft = container["name"], container.get("memory"), container.get("memoryReservation")
        invalid = f"Invalid setting for container '{name}'. "
        client(task or hard or soft, f"{invalid}At least one of 'memory' or 'memoryReservation' must be specified.")
        client(min(hard or 0, soft or 0) >= 0, f"{invalid}'memory' must be positive.")
        client(not hard or not soft or hard >= soft, f"{invalid}'memory' must be greater than 'memoryReservation'.")
        most = max(hard or 0, soft or 0)
        client(not task or most <= task, f"The 'memory' setting for container '{name}' is greater than for the task.")


@rule("ecs", "RegisterTaskDefinition")
def _cpu(call: Call) -> None:
    """The task's limit holds for all containers together.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    task, each = whole(call.parameters, "cpu"), [container.get("cpu") or 0 for container in containers(call)]
    client(min(each) >= 0, "Container cpu must be non-negative.")
    words = "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."
    client(not task or sum(each) <= task, words)


@rule("ecs", "RegisterTaskDefinition")
def _execution_role(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    if call.parameters.get("executionRoleArn"):
        return
    secrets = any(container.get("secrets") for container in containers(call))
    words = "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    client(not secrets, words)
