"""Tell the account's default event bus what happened to a resource.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html: targets of rules that match get it.
"""

import json
from typing import Any

from ministack.services import eventbridge

# What this module uses of MiniStack.
NEEDS = {eventbridge: "_put_events"}


def emit(source: str, detail_type: str, detail: dict[str, Any], *resources: str) -> None:
    """Send an event of an AWS service in the account and region of the caller."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": list(resources)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
