"""Deliver the events of trails: to the log group within a minute, to the bucket every five.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html (names and content),
create-s3-bucket-policy-for-cloudtrail.html, create-kms-key-policy-for-cloudtrail.html and
cloudtrail-required-policy-for-cloudwatch-logs.html: what is not let in is not delivered, and GetTrailStatus says why.
What came before a trail was stopped, the call that stops it as well, is delivered: cloudtrail-turning-off-logging.html.
"""

import gzip
import json
import secrets
import threading
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, request_scope
from ministack.services import cloudtrail, cloudwatch_logs

from cloud.cloudtrail import digests, selectors
from cloud.core import clock
from cloud.iam import identity, trust
from cloud.kms import access
from cloud.requests.answers import completes
from cloud.requests.rules import Call
from cloud.s3 import delivery

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items get_scoped",
    cloudtrail: "_DEFAULT_EVENT_SELECTORS _event_selectors _trails",
    cloudwatch_logs: "_create_log_stream _log_groups _put_log_events",
}

SERVICE = "cloudtrail.amazonaws.com"
_MINUTE, _FILES = 60, 300
_lock = threading.Lock()
# Events that wait, by trail: for the log group, and for the bucket.
_lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
_records: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
# What GetTrailStatus tells, by trail.
_status: defaultdict[str, dict[str, Any]] = defaultdict(dict)


_Trail = tuple[str, str, str, dict[str, Any]]


def logging() -> list[_Trail]:
    """The trails that take events now, with their accounts, regions and names."""
    return [(*where, trail) for where, trail in list(cloudtrail._trails.all_items()) if trail.get("IsLogging")]


def take(event: dict[str, Any], trails: list[_Trail]) -> None:
    """Keep an event for each trail that takes it, of those that were logging when the call was made."""
    for account, home, name, trail in trails:
        near = trail["IsMultiRegionTrail"] or event["awsRegion"] == home
        if account != event["recipientAccountId"] or not near:
            continue
        chosen = cloudtrail._event_selectors.get_scoped(account, home, name, cloudtrail._DEFAULT_EVENT_SELECTORS)
        if selectors.takes(chosen, event):
            with _lock:
                _lines[trail["TrailARN"]].append(event)
                _records[trail["TrailARN"]].append(event)


def _deliver(waiting: defaultdict[str, list[dict[str, Any]]], deliver: Any, prefix: str, at: float) -> None:
    for (account, home, _), trail in list(cloudtrail._trails.all_items()):
        arn = trail["TrailARN"]
        with _lock:
            events = waiting.pop(arn, [])
        if not events:
            continue
        with request_scope(account, home):
            error = deliver(trail, events, at)
        told = {f"Latest{prefix}Error": error} if error else {f"Latest{prefix}Time": int(at)}
        _status[arn].pop(f"Latest{prefix}Error", None)
        _status[arn].update(told)


def _to_log_group(trail: dict[str, Any], events: list[dict[str, Any]], at: float) -> str:
    group, role = trail.get("CloudWatchLogsLogGroupArn"), trail.get("CloudWatchLogsRoleArn", "")
    if not group:
        return ""
    name = group.split(":")[6]
    if not may_log(group, role):
        return "AccessDenied"
    if name not in cloudwatch_logs._log_groups:
        return "ResourceNotFoundException"
    stream = f"{get_account_id()}_CloudTrail_{get_region()}"
    named = {"logGroupName": name, "logStreamName": stream}
    cloudwatch_logs._create_log_stream(named)
    lines = [{"timestamp": int(at * 1000), "message": json.dumps(each)} for each in events]
    cloudwatch_logs._put_log_events({**named, "logEvents": lines})
    return ""


def may_log(group: str, role: str) -> bool:
    """Whether CloudTrail may take a role, and the role write the events of this account."""
    stream = f"{group.removesuffix(':*')}:log-stream:{get_account_id()}_CloudTrail_{get_region()}"
    return trust.assumable(role, SERVICE, get_region()) and all(
        identity.may(role, f"logs:{each}", stream) for each in ("CreateLogStream", "PutLogEvents")
    )


def may_write(trail: dict[str, Any]) -> bool:
    """Whether the bucket's policy lets CloudTrail look at it and write."""
    arn, bucket = trail["TrailARN"], trail["S3BucketName"]
    key = f"{folder(trail)}CloudTrail/probe"
    return delivery.lets_in(bucket, SERVICE, arn, "s3:GetBucketAcl") and delivery.lets_in(
        bucket, SERVICE, arn, "s3:PutObject", key, x_amz_acl="bucket-owner-full-control"
    )


def may_encrypt(trail: dict[str, Any]) -> bool:
    """Whether the key is there and lets CloudTrail encrypt with it."""
    key = access.find(trail["KmsKeyId"])
    if key is None or key["KeyState"] != "Enabled":
        return False
    arn = trail["TrailARN"]
    return access.lets_in(key, SERVICE, ("kms:GenerateDataKey",), arn, {"aws:cloudtrail:arn": arn})


def folder(trail: dict[str, Any]) -> str:
    """Where the trail's files begin."""
    prefix = trail.get("S3KeyPrefix") or ""
    return (f"{prefix}/" if prefix else "") + f"AWSLogs/{get_account_id()}/"


def _to_bucket(trail: dict[str, Any], events: list[dict[str, Any]], at: float) -> str:
    if trail.get("KmsKeyId") and not may_encrypt(trail):
        return "AccessDenied"
    by_region = defaultdict(list)
    for each in events:
        by_region[each["awsRegion"]].append(each)
    for region, records in by_region.items():
        time = datetime.fromtimestamp(at, UTC)
        name = f"{get_account_id()}_CloudTrail_{region}_{time:%Y%m%dT%H%MZ}_{secrets.token_urlsafe(12)}.json.gz"
        key = f"{folder(trail)}CloudTrail/{region}/{time:%Y/%m/%d}/{name}"
        body = gzip.compress(json.dumps({"Records": records}).encode())
        encryption = {}
        if trail.get("KmsKeyId"):
            encryption = {
                "server_side_encryption": "aws:kms",
                "server_side_encryption_aws_kms_key_id": trail["KmsKeyId"],
            }
        if not delivery.put(
            trail["S3BucketName"], key, body, SERVICE, trail["TrailARN"], acl="bucket-owner-full-control", **encryption
        ):
            return "AccessDenied"
        digests.note(trail, region, key, body, records)
    return ""


@completes("cloudtrail", "GetTrailStatus")
def _tell(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html"""
    name = call.parameters["Name"]
    for (account, _, trail), found in cloudtrail._trails.all_items():
        if account == call.account and name in (trail, found["TrailARN"]):
            answer.update(_status[found["TrailARN"]])


def install() -> None:
    """Deliver by the clock."""
    clock.every(
        _MINUTE,
        "events of trails to log groups",
        lambda at: _deliver(_lines, _to_log_group, "CloudWatchLogsDelivery", at),
    )
    clock.every(_FILES, "log files of trails", lambda at: _deliver(_records, _to_bucket, "Delivery", at))
    clock.every(digests.HOUR, "digests of trails", digests.write)
