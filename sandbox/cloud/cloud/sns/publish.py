"""Publish to a topic as an AWS service does.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html: the topic's policy lets the service in, and
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html (compatibility between event sources from AWS
services and encrypted topics): so does the policy of the key, which the AWS managed key for SNS never does.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import sns

from cloud.kms import access

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "EvalContext evaluate_resource_policy",
    sns: "_topics publish_internal",
}

_EVENTS = "events.amazonaws.com"
_MANAGED = "alias/aws/sns"
_USE = ("kms:GenerateDataKey", "kms:Decrypt")


class NotPublished(Exception):  # noqa: N818 - it is an answer
    """Why the topic did not take the message."""


class NoTopic(NotPublished):
    """There is no such topic."""


class NoAccess(NotPublished):
    """The topic's policy does not let the service publish."""


class NoKey(NotPublished):
    """The key of the topic does not let the service use it."""


def publish(topic: str, service: str, source: str, message: str, subject: str) -> None:
    """Publish as a service that acts for the resource ``source``."""
    check(topic, service, source)
    sns.publish_internal(topic, message, subject)


def check(topic: str, service: str, source: str) -> None:
    """Raise why the service may not publish, if it may not."""
    found = sns._topics.get(topic)
    if found is None:
        raise NoTopic(topic)
    if not _lets_in(found, topic, service, source):
        raise NoAccess(topic)
    if not _opens(found, topic, service, source):
        raise NoKey(topic)


def _lets_in(found: dict[str, Any], topic: str, service: str, source: str) -> bool:
    account = get_account_id()
    # The condition of a topic's default policy, which EventBridge does not meet:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    owner = {} if service == _EVENTS else {"aws:sourceowner": account}
    asked = iam_evaluator.EvalContext(
        principal_arn="*",  # what "*" means; no account is one
        principal_type="Service",
        principal_account="",
        action="sns:Publish",
        resource_arn=topic,
        region=get_region(),
        service_context={"aws:sourcearn": source, "aws:sourceaccount": account, **owner},
    )
    policy = found["attributes"].get("Policy") or ""
    return iam_evaluator.evaluate_resource_policy(policy, asked, service=service).decision == "Allow"


def _opens(found: dict[str, Any], topic: str, service: str, source: str) -> bool:
    """Whether the service may use the topic's key, if it has one."""
    reference = found["attributes"].get("KmsMasterKeyId") or ""
    if not reference:
        return True
    key = None if reference.endswith(_MANAGED) else access.find(reference)
    if key is None or key["KeyState"] != "Enabled":
        return False
    return access.lets_in(key, service, _USE, source, {"aws:sns:topicArn": topic})
