"""The deployments of a service are listed and described, also when their time is over."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.emulator import Emulator, running

from cloud.ecs import deployments


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.ecs.deployments") as found:
        yield found


def test_a_deployment_is_found_by_the_time_and_the_id_that_the_provider_knows(emulator: Emulator) -> None:
    before = datetime.datetime.now(datetime.UTC)
    ecs = emulator.client("ecs")
    ecs.create_cluster(clusterName="c")
    definition = ecs.register_task_definition(family="f", containerDefinitions=[{"name": "n", "image": "i"}])
    service = ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=0)["service"]
    named = {"cluster": "c", "service": "s"}
    brief = ecs.list_service_deployments(**named, createdAt={"after": before})["serviceDeployments"][0]
    assert service["deployments"][0]["createdAt"] == brief["createdAt"] > before
    assert service["deployments"][0]["id"].rpartition("/")[2] in brief["targetServiceRevisionArn"]
    later = before + datetime.timedelta(hours=1)
    assert ecs.list_service_deployments(**named, createdAt={"after": later})["serviceDeployments"] == []
    assert ecs.list_service_deployments(**named, status=["STOPPED"])["serviceDeployments"] == []

    missing = brief["serviceDeploymentArn"] + "0"
    found = ecs.describe_service_deployments(serviceDeploymentArns=[brief["serviceDeploymentArn"], missing])
    assert [each["status"] for each in found["serviceDeployments"]] == ["SUCCESSFUL"]
    assert found["failures"] == [{"arn": missing, "reason": "MISSING"}]
    revisions = ecs.describe_service_revisions(serviceRevisionArns=[brief["targetServiceRevisionArn"]])
    made = definition["taskDefinition"]["taskDefinitionArn"]
    assert [each["taskDefinition"] for each in revisions["serviceRevisions"]] == [made]


def deployment(name: str, status: str, rollout: str) -> dict[str, Any]:
    return {"id": name, "status": status, "rolloutState": rollout, "createdAt": "1", "updatedAt": "2"}


def breaker(rollback: bool) -> dict[str, Any]:
    return {"deploymentCircuitBreaker": {"enable": True, "rollback": rollback}}


@pytest.mark.parametrize(
    ("shown", "rollback", "states"),
    [
        ([deployment("b", "PRIMARY", "IN_PROGRESS"), deployment("a", "ACTIVE", "COMPLETED")], True, "IN_PROGRESS"),
        ([deployment("b", "PRIMARY", "COMPLETED")], True, "SUCCESSFUL"),
        (
            [deployment("b", "ACTIVE", "FAILED"), deployment("a", "PRIMARY", "IN_PROGRESS")],
            True,
            "ROLLBACK_IN_PROGRESS",
        ),
        ([deployment("b", "ACTIVE", "FAILED"), deployment("a", "PRIMARY", "COMPLETED")], True, "ROLLBACK_SUCCESSFUL"),
        ([deployment("b", "PRIMARY", "FAILED")], True, "ROLLBACK_FAILED"),
        ([deployment("b", "PRIMARY", "FAILED")], False, "STOPPED"),
        ([deployment("c", "PRIMARY", "IN_PROGRESS"), deployment("b", "ACTIVE", "IN_PROGRESS")], True, "STOPPED"),
    ],
)
def test_the_states_of_a_deployment(shown: list[dict[str, Any]], rollback: bool, states: str) -> None:
    begun = deployment("b", "PRIMARY", "IN_PROGRESS")
    service = {"deployments": [begun], "deploymentConfiguration": breaker(rollback)}
    deployments.record(service)
    service["deployments"] = shown
    deployments.record(service)
    assert service["_history"]["b"]["status"] == states


def test_a_deployment_that_is_not_shown_any_more_keeps_its_end() -> None:
    service = {"deployments": [deployment("b", "PRIMARY", "IN_PROGRESS")], "deploymentConfiguration": breaker(True)}
    deployments.record(service)
    service["deployments"] = [deployment("b", "ACTIVE", "FAILED"), deployment("a", "PRIMARY", "IN_PROGRESS")]
    deployments.record(service)
    service["deployments"] = [deployment("a", "PRIMARY", "COMPLETED")]
    deployments.record(service)
    assert service["_history"]["b"]["status"] == "ROLLBACK_SUCCESSFUL"


class Noted(dict):
    """An entry at whose sight another thread notes a deployment in the same history."""

    def __getitem__(self, name: str) -> Any:
        self.history.setdefault(f"other-{len(self.history)}", dict(self))
        return super().__getitem__(name)

    history: dict[str, Any]


def test_the_scheduler_and_a_request_may_note_deployments_at_the_same_time() -> None:
    entry = Noted(id="a", sources=[], status="SUCCESSFUL", finishedAt="2", deployment=deployment("a", "ACTIVE", ""))
    entry.history = {"a": entry}
    service = {"deployments": [deployment("b", "PRIMARY", "IN_PROGRESS")], "_history": entry.history}
    deployments.record(service)
    assert entry.history["b"]["status"] == "IN_PROGRESS"
