"""What ECS on Fargate refuses is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, Emulator, make_role, running

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.ecs.refusals") as found:
        found.client("ecs").create_cluster(clusterName="work")
        yield found


def register(emulator: Emulator, container: dict[str, Any] | None = None, **more: Any) -> str:
    """Register a definition that is right but for what is given."""
    definition = {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "containerDefinitions": [{"name": "main", "image": "none", **(container or {})}],
        **more,
    }
    registered = emulator.client("ecs").register_task_definition(**definition)
    return registered["taskDefinition"]["taskDefinitionArn"]


def run(emulator: Emulator, definition: str, **more: Any) -> None:
    """Run a task; without an engine the last refusal is the capacity's."""
    arguments = {"cluster": "work", "networkConfiguration": NETWORK, "launchType": "FARGATE", **more}
    emulator.client("ecs").run_task(taskDefinition=definition, **arguments)


LOGS = {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}}}


@pytest.mark.parametrize(
    ("container", "more", "words"),
    [
        ({}, {"cpu": "300"}, "300 CPU, 1024 memory"),
        ({}, {"memory": "512"}, "512 CPU, 512 memory"),
        ({}, {"networkMode": "bridge"}, "awsvpc"),
        (LOGS, {}, "execution role ARN to support log driver awslogs"),
        ({"secrets": [{"name": "A", "valueFrom": "/a"}]}, {}, "executionRoleArn"),
        ({"dependsOn": [{"containerName": "b", "condition": "START"}]}, {}, "depends on b"),
        ({"mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}, {}, "Unknown volume 'v'"),
    ],
)
def test_definitions(emulator: Emulator, container: dict, more: dict, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        register(emulator, container, **more)


@pytest.mark.parametrize(("cpu", "memory"), [("256", "2048"), ("1024", "8192"), ("4096", "30720"), ("16384", "122880")])
def test_sizes_that_there_are(emulator: Emulator, cpu: str, memory: str) -> None:
    assert register(emulator, cpu=cpu, memory=memory)


def test_without_an_engine_nothing_pretends_to_run(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="Capacity is unavailable"):
        run(emulator, register(emulator))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"overrides": {"cpu": "1024"}}, "1024 CPU, 1024 memory"),
        ({"overrides": {"containerOverrides": [{"name": "main", "command": ["x" * 8192]}]}}, "at most 8192"),
        ({"networkConfiguration": {}}, "Network Configuration must be provided"),
    ],
)
def test_runs(emulator: Emulator, more: dict, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        run(emulator, register(emulator), **more)


def test_a_definition_that_was_deregistered(emulator: Emulator) -> None:
    definition = register(emulator)
    emulator.client("ecs").deregister_task_definition(taskDefinition=definition)
    with pytest.raises(ClientError, match="inactive"):
        run(emulator, definition)


def test_roles_have_to_trust_ecs(emulator: Emulator) -> None:
    iam = emulator.client("iam")
    stranger = make_role(emulator, "ec2.amazonaws.com")
    trusting = make_role(emulator, "ecs-tasks.amazonaws.com")
    with pytest.raises(ClientError, match="unable to assume the role"):
        run(emulator, register(emulator, taskRoleArn=stranger, executionRoleArn=trusting))
    bound = register(emulator, taskRoleArn=trusting)
    for condition, words in (
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, "Capacity"),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"}}, "Capacity"),
        ({"StringEquals": {"aws:SourceAccount": "444455556666"}}, "unable to assume"),
    ):
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Condition": condition,
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        }
        iam.update_assume_role_policy(
            RoleName=trusting.rsplit("/", 1)[-1],
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        with pytest.raises(ClientError, match=words):
            run(emulator, bound)
