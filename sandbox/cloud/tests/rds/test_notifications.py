"""Topics and EventBridge hear of databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import rds

from cloud.rds import events, notifications

ARN = "arn:aws:rds:us-east-1:000000000000:db:db"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is published to topics and emitted, of a database that is available."""
    found: list[Any] = []
    monkeypatch.setattr(notifications, "emit", lambda source, kind, detail, arn: found.append((kind, detail)))
    monkeypatch.setattr(notifications.publish, "publish", lambda topic, principal, *_: found.append((topic, principal)))
    monkeypatch.setattr(notifications, "_known", None)
    rds._instances.clear()
    events._subscriptions.clear()
    rds._instances["db"] = {"DBInstanceIdentifier": "db", "DBInstanceArn": ARN, "DBInstanceStatus": "available"}
    notifications.look(0)
    yield found
    rds._instances.clear()
    events._subscriptions.clear()


def subscribe(topic: str, **more: Any) -> None:
    """A subscription to all events, unless said otherwise."""
    plain = {"SnsTopicArn": topic, "Enabled": True, "SourceType": "", "SourceIds": [], "EventCategories": []}
    events._subscriptions[topic] = plain | more


def test_a_restart_is_told_to_eventbridge_and_to_the_subscriptions_for_it(told: list[Any]) -> None:
    subscribe("all")
    subscribe("availability", SourceType="db-instance", EventCategories=["availability", "failure"])
    subscribe("other source", SourceType="db-instance", SourceIds=["other"])
    subscribe("snapshots", SourceType="db-snapshot")
    subscribe("creation", EventCategories=["creation"])
    subscribe("off", Enabled=False)
    rds._instances["db"]["DBInstanceStatus"] = "rebooting"
    notifications.look(0)
    told.clear()
    rds._instances["db"]["DBInstanceStatus"] = "available"
    notifications.look(0)
    notifications.look(0)
    kind, detail = told[0]
    assert (kind, detail["EventID"], detail["Message"]) == (
        "RDS DB Instance Event",
        "RDS-EVENT-0006",
        "DB instance restarted",
    )
    assert (detail["SourceIdentifier"], detail["EventCategories"]) == ("db", ["availability"])
    principal = "events.rds.amazonaws.com"
    assert sorted(told[1:]) == [("all", principal), ("availability", principal)]


def test_a_deleted_database_is_told(told: list[Any]) -> None:
    rds._instances.clear()
    notifications.look(0)
    assert [detail["EventID"] for _, detail in told] == ["RDS-EVENT-0003"]
