"""An alarm that fires while a deployment is under way, or bakes, ends it."""

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import cloudwatch, ecs

from cloud.core import clock
from cloud.ecs import deployment_alarms, deployments, rollout

NAME, BAKE = "web-answers", 180


@pytest.fixture
def alarm() -> Iterator[dict[str, Any]]:
    """An alarm of three minutes."""
    cloudwatch._alarms[NAME] = {"AlarmName": NAME, "StateValue": "OK", "EvaluationPeriods": 3, "Period": 60}
    yield cloudwatch._alarms[NAME]
    cloudwatch._alarms.pop(NAME)


def deployment(name: str, status: str, state: str) -> dict[str, Any]:
    shown = {"id": name, "status": status, "rolloutState": state, "taskDefinition": f"web:{name}"}
    return shown | {"createdAt": "1", "updatedAt": "2", "desiredCount": 1, "runningCount": 0, "pendingCount": 0}


def service(rollback: bool = True, enable: bool = True) -> dict[str, Any]:
    """A service whose second deployment is under way."""
    return {
        "serviceArn": "arn:aws:ecs:us-east-1:000000000000:service/c/web",
        "clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/c",
        "serviceName": "web",
        "desiredCount": 1,
        "events": [],
        "taskDefinition": "web:2",
        "deployments": [deployment("2", "PRIMARY", "IN_PROGRESS"), deployment("1", "ACTIVE", "COMPLETED")],
        "deploymentConfiguration": {"alarms": {"alarmNames": [NAME], "enable": enable, "rollback": rollback}},
    }


def test_an_alarm_counts_once_a_task_runs_unless_it_fired_before(alarm: dict[str, Any]) -> None:
    under_way, mending, off = service(), service(), service(enable=False)
    for each, running in ((under_way, False), (off, True)):
        assert deployment_alarms.firing(each, each["deployments"][0], running) == []
    alarm["StateValue"] = "INSUFFICIENT_DATA"
    assert deployment_alarms.firing(under_way, under_way["deployments"][0], True) == []
    alarm["StateValue"] = "ALARM"
    assert deployment_alarms.firing(under_way, under_way["deployments"][0], False) == []
    assert deployment_alarms.firing(under_way, under_way["deployments"][0], True) == [NAME]
    for each in (mending, off):
        assert deployment_alarms.firing(each, each["deployments"][0], True) == []
        assert deployment_alarms.baked(each, each["deployments"][0])


def test_a_steady_service_is_looked_at_for_as_long_as_its_alarms_look_back(
    alarm: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, shown = clock.time(), service()
    for after, baked in ((0, False), (BAKE - 1, False), (BAKE, True)):
        monkeypatch.setattr(clock, "time", lambda at=now + after: at)
        assert deployment_alarms.baked(shown, shown["deployments"][0]) is baked


@pytest.mark.parametrize(
    ("rollback", "state", "primary"), [(True, "ROLLBACK_IN_PROGRESS", "1"), (False, "STOPPED", "2")]
)
def test_a_fired_alarm_fails_the_deployment_and_brings_the_last_one_back(
    alarm: dict[str, Any], rollback: bool, state: str, primary: str
) -> None:
    shown = service(rollback)
    deployments.record(shown)
    failed = shown["deployments"][0]
    tasks = [{"lastStatus": "RUNNING"}]
    assert not rollout.ended_by_alarms(shown, failed, tasks)
    alarm["StateValue"] = "ALARM"
    assert rollout.ended_by_alarms(shown, failed, tasks)
    deployments.record(shown)
    assert failed["rolloutState"] == "FAILED"
    assert shown["_history"]["2"]["status"] == state
    assert deployments._whole(shown, shown["_history"]["2"])["alarms"]["triggeredAlarmNames"] == [NAME]
    back = ecs._primary_deployment(shown)
    assert back["id"] == primary
    assert not rollout.ended_by_alarms(shown, back, tasks)
    assert any(each["message"].endswith("deployment failed: alarm detected.") for each in shown["events"])
