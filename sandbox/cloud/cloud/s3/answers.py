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
