"""Leave a subscription of an address of e-mail pending until somebody confirms it.

https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html and
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html: until then its ARN reads "pending confirmation". The
token that AWS mails stands in the emulator's log. MiniStack takes every address at once.
"""

import logging
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import sns

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {sns: "_refresh_subscription_counts _topics"}

log = logging.getLogger(__name__)
_PENDING = "pending confirmation"


def _subscribe(old: Any, params: dict[str, Any]) -> Any:
    before = {each["arn"] for topic in sns._topics.values() for each in topic["subscriptions"]}
    status, headers, body = old(params)
    for topic in sns._topics.values():
        for each in topic["subscriptions"]:
            if each["arn"] in before or each["protocol"] not in ("email", "email-json"):
                continue
            each.update(confirmed=False, token=new_uuid())
            each["attributes"].update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
            sns._refresh_subscription_counts(topic)
            log.info("%s gets the token %s of %s", each["endpoint"], each["token"], topic["arn"])
            text = body if isinstance(body, bytes) else body.encode()
            return status, headers, text.replace(each["arn"].encode(), _PENDING.encode())
    return status, headers, body


def install() -> None:
    """Put this around MiniStack's operation."""
    patch.wrap(sns, "_subscribe", _subscribe, "params")
