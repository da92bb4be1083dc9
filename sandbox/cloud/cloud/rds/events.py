"""Keep the event subscriptions of RDS.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_EventSubscription.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.html. MiniStack has none of these actions. What is
published to them is in cloud.rds.notifications.
"""

import copy
import time
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import rds, sns

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    rds: "_error _esc _format_time _p _parse_member_list _parse_tags _tags _xml",
    sns: "_topics",
}

_subscriptions = AccountRegionScopedDict()
_SOURCES = frozenset(
    {
        "db-instance",
        "db-parameter-group",
        "db-security-group",
        "db-snapshot",
        "db-cluster",
        "db-cluster-snapshot",
        "custom-engine-version",
        "db-proxy",
        "blue-green-deployment",
    }
)


def install() -> None:
    """Add the actions, and the subscriptions to what MiniStack saves."""
    patch.add_operations(
        rds,
        {
            "CreateEventSubscription": _create,
            "ModifyEventSubscription": _modify,
            "DeleteEventSubscription": _delete,
            "DescribeEventSubscriptions": _describe,
            "AddSourceIdentifierToSubscription": _add_source,
            "RemoveSourceIdentifierFromSubscription": _remove_source,
        },
    )
    patch.wrap(rds, "get_state", _save, "")
    patch.wrap(rds, "_restore_state", _restore, "data resume_runtime")


def interested(kind: str, source: str, category: str) -> list[dict[str, Any]]:
    """The subscriptions that an event of a source is for: an empty list in one means all of its kind."""
    return [
        each
        for each in _subscriptions.values()
        if each["Enabled"]
        and each["SourceType"] in ("", kind)
        and source in (each["SourceIds"] or [source])
        and category in (each["EventCategories"] or [category])
    ]


def _save(old: Any) -> dict:
    return old() | {"event_subscriptions": copy.deepcopy(_subscriptions)}


def _restore(old: Any, data: dict, *, resume_runtime: bool = False) -> None:
    _subscriptions.update((data or {}).get("event_subscriptions", {}))
    old(data, resume_runtime=resume_runtime)


def _create(p: dict) -> Any:
    name = rds._p(p, "SubscriptionName")
    if name in _subscriptions:
        return rds._error("SubscriptionAlreadyExist", f"Subscription {name} already exists", 400)
    if refusal := _refusal(p):
        return refusal
    _subscriptions[name] = {
        "CustomerAwsId": get_account_id(),
        "CustSubscriptionId": name,
        "SnsTopicArn": rds._p(p, "SnsTopicArn"),
        "Status": "active",
        "SubscriptionCreationTime": rds._format_time(time.time()),
        "SourceType": rds._p(p, "SourceType"),
        "SourceIds": rds._parse_member_list(p, "SourceIds"),
        "EventCategories": rds._parse_member_list(p, "EventCategories"),
        "Enabled": rds._p(p, "Enabled") != "false",
        "EventSubscriptionArn": f"arn:aws:rds:{get_region()}:{get_account_id()}:es:{name}",
    }
    if tags := rds._parse_tags(p):
        rds._tags[_subscriptions[name]["EventSubscriptionArn"]] = tags
    return _answer("CreateEventSubscription", _subscriptions[name])


def _refusal(p: dict) -> Any:
    topic, source = rds._p(p, "SnsTopicArn"), rds._p(p, "SourceType")
    if topic and topic not in sns._topics:
        return rds._error("SNSTopicArnNotFound", f"The SNS topic {topic} does not exist.", 404)
    if source and source not in _SOURCES:
        return rds._error(
            "InvalidParameterValue", f"SourceType {source}: allowed are {', '.join(sorted(_SOURCES))}.", 400
        )
    if rds._parse_member_list(p, "SourceIds") and not source:
        return rds._error("InvalidParameterCombination", "SourceIds require a SourceType.", 400)
    return None


def _found(p: dict) -> tuple[dict[str, Any] | None, Any]:
    name = rds._p(p, "SubscriptionName")
    subscription = _subscriptions.get(name)
    if subscription is None:
        return None, rds._error("SubscriptionNotFound", f"Event subscription {name} not found.", 404)
    return subscription, None


def _modify(p: dict) -> Any:
    subscription, missing = _found(p)
    if missing or (missing := _refusal(p)):
        return missing
    for name in ("SnsTopicArn", "SourceType"):
        if value := rds._p(p, name):
            subscription[name] = value
    if categories := rds._parse_member_list(p, "EventCategories"):
        subscription["EventCategories"] = categories
    if enabled := rds._p(p, "Enabled"):
        subscription["Enabled"] = enabled == "true"
    return _answer("ModifyEventSubscription", subscription)


def _delete(p: dict) -> Any:
    subscription, missing = _found(p)
    if missing:
        return missing
    del _subscriptions[subscription["CustSubscriptionId"]]
    rds._tags.pop(subscription["EventSubscriptionArn"], None)
    return _answer("DeleteEventSubscription", subscription | {"Status": "deleting"})


def _describe(p: dict) -> Any:
    found = list(_subscriptions.values())
    if rds._p(p, "SubscriptionName"):
        subscription, missing = _found(p)
        if missing:
            return missing
        found = [subscription]
    members = "".join(f"<EventSubscription>{_fields(subscription)}</EventSubscription>" for subscription in found)
    return rds._xml(
        200,
        "DescribeEventSubscriptionsResponse",
        "<DescribeEventSubscriptionsResult><EventSubscriptionsList>"
        f"{members}</EventSubscriptionsList></DescribeEventSubscriptionsResult>",
    )


def _add_source(p: dict) -> Any:
    subscription, missing = _found(p)
    if missing:
        return missing
    source = rds._p(p, "SourceIdentifier")
    subscription["SourceIds"] = sorted({*subscription["SourceIds"], source})
    return _answer("AddSourceIdentifierToSubscription", subscription)


def _remove_source(p: dict) -> Any:
    subscription, missing = _found(p)
    if missing:
        return missing
    source = rds._p(p, "SourceIdentifier")
    subscription["SourceIds"] = [kept for kept in subscription["SourceIds"] if kept != source]
    return _answer("RemoveSourceIdentifierFromSubscription", subscription)


def _answer(action: str, subscription: dict[str, Any]) -> Any:
    return rds._xml(
        200,
        f"{action}Response",
        f"<{action}Result><EventSubscription>{_fields(subscription)}</EventSubscription></{action}Result>",
    )


def _fields(subscription: dict[str, Any]) -> str:
    inner = ""
    for name, value in subscription.items():
        if name == "SourceIds":
            value = "".join(f"<SourceId>{rds._esc(source)}</SourceId>" for source in value)
            inner += f"<SourceIdsList>{value}</SourceIdsList>"
        elif name == "EventCategories":
            value = "".join(f"<EventCategory>{rds._esc(category)}</EventCategory>" for category in value)
            inner += f"<EventCategoriesList>{value}</EventCategoriesList>"
        elif value != "":
            text = str(value).lower() if isinstance(value, bool) else rds._esc(str(value))
            inner += f"<{name}>{text}</{name}>"
    return inner
