"""Keep the tags that a trail is made with.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html (``TagsList``). MiniStack drops them.
"""

from typing import Any

from ministack.services import cloudtrail

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    cloudtrail: "_trail_arn _trail_tags",
}


def install() -> None:
    """Record the tags at creation."""
    patch.wrap(cloudtrail, "_create_trail", _create)


def _create(old: Any, body: dict) -> Any:
    response = old(body)
    if response[0] == 200 and body.get("TagsList"):
        arn = cloudtrail._trail_arn(body["Name"].strip())
        cloudtrail._trail_tags[arn] = {tag["Key"]: tag.get("Value", "") for tag in body["TagsList"]}
    return response
