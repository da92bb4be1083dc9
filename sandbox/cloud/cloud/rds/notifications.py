"""Tell what happens to a database: to EventBridge, and to the topics of its event subscriptions.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html (the events),
rds-cloud-watch-events.html (their form at EventBridge) and USER_Events.GrantingPermissions.html (who publishes to
topics). They follow from the status of an instance, which is looked at each second.
"""

import json
import logging
from datetime import UTC, datetime

from ministack.core.responses import request_scope
from ministack.services import rds

from cloud.core import clock, threads
from cloud.events.emit import emit
from cloud.rds import events
from cloud.sns import publish

# What this module uses of MiniStack.
NEEDS = {
    rds: "_instances",
}

log = logging.getLogger(__name__)
_EVERY_SECONDS, _PRINCIPAL, _KIND = 1, "events.rds.amazonaws.com", "db-instance"
# From one status to another: the event's number, its category and its words; "" stands for an instance not there.
_EVENTS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("creating", "available"): ("0005", "creation", "DB instance created"),
    ("rebooting", "available"): ("0006", "availability", "DB instance restarted"),
    ("available", "rebooting"): ("0004", "availability", "DB instance shutdown"),
    ("available", "stopping"): ("0087", "notification", "DB instance stopped"),
    ("starting", "available"): ("0088", "notification", "DB instance started"),
    ("modifying", "available"): (
        "0014",
        "configuration change",
        "Finished applying modification to DB instance class.",
    ),
    ("available", "storage-full"): ("0007", "low storage", "Allocated storage has been exhausted."),
    ("available", "incompatible-parameters"): ("0036", "failure", "The DB instance has incompatible parameters."),
    ("available", "failed"): ("0031", "failure", "The DB instance has failed."),
    ("available", ""): ("0003", "deletion", "DB instance deleted"),
    ("deleting", ""): ("0003", "deletion", "DB instance deleted"),
}
_known: dict[str, str] | None = None


def look(at: float) -> None:
    """Tell what has changed; of what was there before the first look, nothing."""
    global _known
    before, now = _known, {}
    for _ in threads.each_scope(rds._instances):
        for instance in rds._instances.values():
            now[instance["DBInstanceArn"]] = instance["DBInstanceStatus"]
    _known = now
    for arn in (before or {}).keys() | now.keys():
        was, status = (before or {}).get(arn, ""), now.get(arn, "")
        if before is not None and was != status and (was, status) in _EVENTS:
            region, account = arn.split(":")[3:5]
            with request_scope(account, region):
                tell(arn, *_EVENTS[was, status])


def tell(arn: str, number: str, category: str, message: str) -> None:
    """Tell of an event in the account and region of the caller."""
    name, at = arn.rpartition(":")[2], datetime.fromtimestamp(clock.time(), UTC)
    detail = {
        "EventCategories": [category],
        "SourceType": "DB_INSTANCE",
        "SourceArn": arn,
        "Date": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Message": message,
        "SourceIdentifier": name,
        "EventID": f"RDS-EVENT-{number}",
    }
    emit("aws.rds", "RDS DB Instance Event", detail, arn)
    region = arn.split(":")[3]
    page = "http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html"
    said = {
        "Event Source": _KIND,
        "Event Time": f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}",
        "Identifier Link": f"https://console.aws.amazon.com/rds/home?region={region}#dbinstance:id={name}",
        "Source ID": name,
        "Source ARN": arn,
        "Event ID": f"{page}#RDS-EVENT-{number}",
        "Event Message": message,
    }
    for subscription in events.interested(_KIND, name, category):
        try:
            publish.publish(subscription["SnsTopicArn"], _PRINCIPAL, arn, json.dumps(said), "RDS Notification Message")
        except publish.NotPublished as refused:
            log.warning("%s hears nothing of %s: %s", refused, name, type(refused).__name__)


def install() -> None:
    """Look each second."""
    clock.every(_EVERY_SECONDS, "events of databases", look)
