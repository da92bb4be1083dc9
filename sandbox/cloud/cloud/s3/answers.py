"""Settings of a bucket that MiniStack answers with a list of its objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html, API_GetBucketAbac.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status.
"""

import json
from typing import Any

from ministack.services import s3

from cloud.requests.answers import completes
from cloud.requests.rules import Call, Refused

# What this module uses of MiniStack.
NEEDS = {
    s3: "_bucket_policies",
}


@completes("s3", "GetBucketRequestPayment")
def _payer(call: Call, answer: dict[str, Any]) -> None:
    answer["Payer"] = "BucketOwner"


@completes("s3", "GetBucketAbac")
def _abac(call: Call, answer: dict[str, Any]) -> None:
    answer["AbacStatus"] = {"Status": "Disabled"}


@completes("s3", "GetBucketPolicyStatus")
def _policy_status(call: Call, answer: dict[str, Any]) -> None:
    """Public is a policy that allows anybody something without a condition."""
    policy = s3._bucket_policies.get(call.parameters["Bucket"])
    if not policy:
        raise Refused("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
    statements = json.loads(policy)["Statement"]
    answer["PolicyStatus"] = {"IsPublic": any(_opens(each) for each in _listed(statements))}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _opens(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    return statement["Effect"] == "Allow" and "*" in _listed(named) and not statement.get("Condition")


_ORDER = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")


@completes("s3", "GetBucketPolicy")
def _policy(call: Call, answer: dict[str, Any]) -> None:
    """S3 gives back a policy in a form of its own, with lists of one as a text:
    https://github.com/hashicorp/terraform/issues/2432"""
    document = json.loads(answer["Policy"])
    found = {each: document[each] for each in ("Version", "Id") if each in document}
    statements = [{name: each[name] for name in _ORDER if name in each} for each in _listed(document["Statement"])]
    answer["Policy"] = json.dumps(found | {"Statement": _collapsed(statements)}, separators=(",", ":"))


def _collapsed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _single(_collapsed(each)) for key, each in value.items()}
    return [_collapsed(each) for each in value] if isinstance(value, list) else value


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
