"""A definition that was deregistered runs nothing new, and goes on for the services that have it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import running
from helpers.sandbox import until
from helpers.vpc import make_vpc

# The scheduler of services, which begins when the state is loaded, and the rules.
SCHEDULER = ("cloud.ecs.launch", "cloud.ecs.rollout", "cloud.ecs.services", "cloud.ecs.restart")
SERVICE: dict[str, Any] = {"cluster": "work", "launchType": "FARGATE"}


@pytest.fixture(scope="module")
def ecs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(
        Path(tmp_path_factory.mktemp("emulator")), *SCHEDULER, "cloud.ec2.zones", "cloud.requests.front_door"
    ) as emulator:
        SERVICE["networkConfiguration"] = make_vpc(emulator.client("ec2")).configuration
        client = emulator.client("ecs")
        client.create_cluster(clusterName="work")
        yield client


def register(ecs: Any, family: str = "f") -> str:
    """A new revision of a family."""
    return ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "main", "image": "none"}],
    )["taskDefinition"]["taskDefinitionArn"]


def test_the_scheduler_starts_tasks_of_it(ecs: Any) -> None:
    definition = register(ecs)
    ecs.create_service(**SERVICE, serviceName="has-it", taskDefinition=definition, desiredCount=0)
    ecs.deregister_task_definition(taskDefinition=definition)
    ecs.update_service(cluster="work", service="has-it", desiredCount=1)

    def launch() -> list[str]:
        service = ecs.describe_services(cluster="work", services=["has-it"])["services"][0]
        return [each["message"] for each in service["events"] if "launch a task" in each["message"]]

    # Without a container engine the last refusal is the capacity's.
    assert "Capacity is unavailable" in until("a launch", launch)[0]


def test_no_service_is_made_with_it_or_moved_to_it(ecs: Any) -> None:
    current, inactive = register(ecs), register(ecs)
    ecs.deregister_task_definition(taskDefinition=inactive)
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        ecs.create_service(**SERVICE, serviceName="new", taskDefinition=inactive, desiredCount=0)
    ecs.create_service(**SERVICE, serviceName="old", taskDefinition=current, desiredCount=0)
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        ecs.update_service(cluster="work", service="old", taskDefinition=inactive)
    found = ecs.describe_services(cluster="work", services=["new", "old"])["services"]
    assert [(each["serviceName"], each["taskDefinition"]) for each in found] == [("old", current)]


def test_a_family_means_its_latest_active_revision(ecs: Any) -> None:
    active, *inactive = (register(ecs, "g") for _ in range(3))
    for each in inactive:
        ecs.deregister_task_definition(taskDefinition=each)
    made = ecs.create_service(**SERVICE, serviceName="by-family", taskDefinition="g", desiredCount=0)
    assert made["service"]["taskDefinition"] == active
    assert ecs.describe_task_definition(taskDefinition="g")["taskDefinition"]["taskDefinitionArn"] == active
    assert ecs.describe_task_definition(taskDefinition=inactive[0])["taskDefinition"]["status"] == "INACTIVE"
    ecs.deregister_task_definition(taskDefinition=active)
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        ecs.create_service(**SERVICE, serviceName="none", taskDefinition="g", desiredCount=0)
