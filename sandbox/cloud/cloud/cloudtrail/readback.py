"""Keep what a trail is made with, and say what it looks for beside events.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html (``TagsList`` and the log group,
which MiniStack drops) and API_GetInsightSelectors.html, which it lacks.
"""

from typing import Any

from ministack.services import cloudtrail

from cloud.cloudtrail import digests
from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    cloudtrail: "_DISPATCH _err _find_visible_trail _trail_arn _trail_tags _trails",
}

_LOG = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")


def _create(old: Any, body: dict) -> Any:
    response = old(body)
    if response[0] == 200:
        name = body["Name"].strip()
        cloudtrail._trails[name].update({key: body[key] for key in _LOG if body.get(key)})
        arn = cloudtrail._trail_arn(name)
        cloudtrail._trail_tags[arn] = {tag["Key"]: tag.get("Value", "") for tag in body.get("TagsList") or []}
    return response


def _insights(body: dict) -> Any:
    """No trail here looks for unusual activity."""
    name, _, trail = cloudtrail._find_visible_trail(body.get("TrailName", ""))
    if trail is None:
        return cloudtrail._err("TrailNotFoundException", f"Unknown trail: {name}", 404)
    words = (
        f"Trail {name} does not have Insights enabled. Edit the trail settings to enable Insights, and then try again."
    )
    return cloudtrail._err("InsightNotEnabledException", words)


def install() -> None:
    """Record at creation, and answer what is missing."""
    patch.wrap(cloudtrail, "_create_trail", _create, "body")
    cloudtrail._DISPATCH["GetInsightSelectors"] = _insights
    cloudtrail._DISPATCH["ListPublicKeys"] = digests.public_keys
