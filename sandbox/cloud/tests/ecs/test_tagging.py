"""A task has the tags that RunTask asks for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.emulator import Emulator, running


@pytest.fixture(scope="module")
def ecs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.ecs.tagging") as emulator:
        yield _prepared(emulator)


def _prepared(emulator: Emulator) -> Any:
    ecs = emulator.client("ecs")
    ecs.create_cluster(clusterName="work")
    ecs.register_task_definition(
        family="runs",
        containerDefinitions=[{"name": "main", "image": "none"}],
        tags=[{"key": "Environment", "value": "dev"}, {"key": "Owner", "value": "definition"}],
    )
    return ecs


def tags(ecs: Any, **arguments: Any) -> dict[str, str]:
    """The tags of a task that is run with the arguments."""
    task = ecs.run_task(cluster="work", taskDefinition="runs", **arguments)["tasks"][0]["taskArn"]
    described = ecs.describe_tasks(cluster="work", tasks=[task], include=["TAGS"])["tasks"][0]
    return {tag["key"]: tag["value"] for tag in described["tags"]}


def test_tags_of_the_definition_come_along_on_request(ecs: Any) -> None:
    own = [{"key": "Owner", "value": "request"}]
    assert tags(ecs, tags=own) == {"Owner": "request"}
    assert tags(ecs, tags=own, propagateTags="TASK_DEFINITION") == {"Environment": "dev", "Owner": "request"}
    assert tags(ecs, propagateTags="NONE") == {}


def test_managed_tags_name_the_cluster(ecs: Any) -> None:
    assert tags(ecs, enableECSManagedTags=True) == {"aws:ecs:clusterName": "work"}
