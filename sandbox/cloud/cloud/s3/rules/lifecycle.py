"""What S3 refuses of the lifecycle of objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html.
"""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cloud.requests.rules import Call, Refused, rule
from cloud.s3.rules.buckets import MALFORMED

_ACTIONS = (
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "Transitions",
)
_ENDS = ("Days", "Date", "ExpiredObjectDeleteMarker")
_POSITIVE = {
    "AbortIncompleteMultipartUpload": "DaysAfterInitiation",
    "Expiration": "Days",
    "NoncurrentVersionExpiration": "NoncurrentDays",
}
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
_INFREQUENT_DAYS = 30
_RULES, _ID, _PREFIX = 1000, 255, 1024


@rule("s3", "PutBucketLifecycleConfiguration")
def _lifecycle(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html"""
    rules = (call.parameters.get("LifecycleConfiguration") or {}).get("Rules") or []
    if not 0 < len(rules) <= _RULES:
        raise Refused("MalformedXML", MALFORMED)
    ids = [each["ID"] for each in rules if each.get("ID")]
    if len(set(ids)) < len(ids):
        raise Refused("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    for each in rules:
        for check in _CHECKS:
            check(each)


def _filter(wanted: dict[str, Any]) -> dict[str, Any]:
    """What a rule's filter asks for, in one dict."""
    found = wanted.get("Filter") or {}
    return found.get("And") or found


def _described(wanted: dict[str, Any]) -> str:
    prefix = wanted.get("Prefix") or _filter(wanted).get("Prefix") or ""
    return f"filter '(prefix={prefix})'" if "Filter" in wanted else f"prefix '{prefix}'"


def _form(wanted: dict[str, Any]) -> None:
    chosen, conditions = wanted.get("Filter"), _filter(wanted)
    tags = conditions.get("Tags") or []
    if (chosen is None) == (wanted.get("Prefix") is None) or len(chosen or {}) > 1:
        raise Refused("MalformedXML", MALFORMED)
    if len(wanted.get("ID") or "") > _ID:
        raise Refused("InvalidArgument", f"ID length should not exceed allowed limit of {_ID}")
    if len(wanted.get("Prefix") or conditions.get("Prefix") or "") > _PREFIX:
        raise Refused("InvalidRequest", f"The maximum size of a prefix is {_PREFIX}.")
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise Refused("InvalidRequest", "Duplicate Tag Keys are not allowed.")
    least, most = conditions.get("ObjectSizeGreaterThan"), conditions.get("ObjectSizeLessThan")
    if least is not None and most is not None and least >= most:
        raise Refused("InvalidRequest", "'ObjectSizeLessThan' has to be greater than 'ObjectSizeGreaterThan'.")


def _actions(wanted: dict[str, Any]) -> None:
    if not any(wanted.get(action) is not None for action in _ACTIONS):
        raise Refused("InvalidRequest", "At least one action needs to be specified in a rule")
    tagged = {"Tag", "Tags"} & set(_filter(wanted))
    if tagged and wanted.get("AbortIncompleteMultipartUpload") is not None:
        raise Refused("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.")
    if tagged and (wanted.get("Expiration") or {}).get("ExpiredObjectDeleteMarker"):
        raise Refused("InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Tags.")
    for action, days in _POSITIVE.items():
        if (wanted.get(action) or {}).get(days, 1) < 1:
            raise Refused("InvalidArgument", f"'{days}' for {action} action must be a positive integer")


def _ends(wanted: dict[str, Any]) -> None:
    expiration = wanted.get("Expiration")
    if wanted.get("NoncurrentVersionExpiration") == {} or expiration == {}:
        raise Refused("MalformedXML", MALFORMED)
    if len([name for name in _ENDS if (expiration or {}).get(name) not in (None, False)]) > 1:
        raise Refused("MalformedXML", MALFORMED)
    _midnight(expiration or {})


def _midnight(action: dict[str, Any]) -> None:
    date = action.get("Date")
    if isinstance(date, datetime) and (date.hour, date.minute, date.second, date.microsecond) != (0, 0, 0, 0):
        raise Refused("InvalidArgument", "'Date' must be at midnight GMT", ArgumentName="Date", ArgumentValue=str(date))


def _transitions(wanted: dict[str, Any]) -> None:
    expiration, old = wanted.get("Expiration") or {}, wanted.get("NoncurrentVersionExpiration") or {}
    for each in wanted.get("Transitions") or []:
        if ("Days" in each) == ("Date" in each):
            raise Refused("MalformedXML", MALFORMED)
        _midnight(each)
        if each.keys() & expiration.keys() == set() and expiration.keys() & {"Days", "Date"}:
            raise Refused(
                "InvalidRequest",
                f"Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for "
                f"{_described(wanted)}",
            )
    for action, days, end, ending in (
        ("Transition", "Days", "Expiration", expiration),
        ("NoncurrentVersionTransition", "NoncurrentDays", "NoncurrentVersionExpiration", old),
    ):
        transitions = wanted.get(f"{action}s") or []
        _order(wanted, action, days, transitions)
        latest = max((each[days] for each in transitions if days in each), default=None)
        if latest is not None and days in ending and ending[days] <= latest:
            raise Refused(
                "InvalidArgument",
                f"'{days}' in the {end} action for {_described(wanted)} must be greater than '{days}' in the "
                f"{action} action",
            )


def _order(wanted: dict[str, Any], action: str, days: str, transitions: list[dict[str, Any]]) -> None:
    """The order of the transitions of one kind, and the least age for infrequent access."""
    classes = [each["StorageClass"] for each in transitions]
    if len(set(classes)) < len(classes):
        raise Refused(
            "InvalidRequest",
            f"'StorageClass' must be different for '{action}' actions in same 'Rule' with {_described(wanted)}",
        )
    for each in transitions:
        if each.get(days, 0) < 0:
            raise Refused("InvalidArgument", f"'{days}' in {action} action must be nonnegative")
        if each["StorageClass"] in _INFREQUENT and days in each and each[days] < _INFREQUENT_DAYS:
            raise Refused(
                "InvalidArgument",
                f"'{days}' in {action} action must be greater than or equal to {_INFREQUENT_DAYS} for storageClass "
                f"'{each['StorageClass']}'",
            )
    waits = [each for each in transitions if each["StorageClass"] in _INFREQUENT and days in each]
    for first, then in itertools.product(waits, transitions):
        if then["StorageClass"] not in _INFREQUENT and 0 <= then.get(days, 0) - first[days] < _INFREQUENT_DAYS:
            about = _described(wanted)
            raise Refused(
                "InvalidArgument",
                f"'{days}' in the '{action}' action for StorageClass '{then['StorageClass']}' for {about} must be "
                f"{_INFREQUENT_DAYS} days more than '{about}' in the '{action}' action for StorageClass "
                f"'{first['StorageClass']}'",
            )


_CHECKS: tuple[Callable[[dict[str, Any]], None], ...] = (_form, _actions, _ends, _transitions)
