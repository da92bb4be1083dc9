"""What S3 refuses of bucket policies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html. Unlike IAM, S3 knows its
actions and what they act on: ``actions.json``, which tools/catalog.py makes from the service authorization reference.
"""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cloud.iam import policies
from cloud.requests.rules import Call, Refused, rule

_KNOWN: dict[str, list[str]] = {
    kind: names.split()
    for kind, names in json.loads(Path(__file__).parents[1].joinpath("actions.json").read_text()).items()
}
_RESOURCE = re.compile(r"arn:aws[a-z-]*:s3:::([^/]+)(/.*)?", re.DOTALL)
_FIELDS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
_BYTES = 20 * 1024


def _malformed(words: str, **members: str) -> Refused:
    return Refused("MalformedPolicy", words, **members)


@rule("s3", "PutBucketPolicy")
def _policy(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""
    bucket, text = call.parameters["Bucket"], call.parameters["Policy"]
    if len(text.encode()) > _BYTES:
        raise _malformed("Policy exceeds the maximum allowed document size.")
    for statement in _statements(text):
        _elements(statement)
        for kind, name in policies.principals(statement):
            if not policies.exists(kind, name, call.account):
                raise _malformed("Invalid principal in policy", Detail=f'"{kind or "AWS"}" : "{name}"')
        _resources(statement, bucket)
        _actions(statement)
    try:
        policies.statements(text, policies.Kind.RESOURCE)
    except policies.MalformedError as error:
        raise _malformed("Invalid policy syntax.") from error


def _statements(text: str) -> list[dict[str, Any]]:
    if not text.startswith("{"):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _malformed("This policy contains invalid Json") from error
    if unknown := sorted(set(document) - {"Version", "Id", "Statement"}):
        raise _malformed(f"Unknown field {unknown[0]}")
    if "Statement" not in document:
        raise _malformed("Missing required field Statement")
    if document.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        raise _malformed("The policy must contain a valid version string")
    found = policies.each(document)
    if not found:
        raise _malformed("Could not parse the policy: Statement is empty!")
    return found


def _elements(statement: dict[str, Any]) -> None:
    if unknown := sorted(set(statement) - _FIELDS):
        raise _malformed(f"Unknown field {unknown[0]}")
    for element in ("Effect", "Principal", "Action", "Resource"):
        if element not in statement and f"Not{element}" not in statement:
            raise _malformed(f"Missing required field {element}")
    if not list(policies.principals(statement)):
        raise _malformed("Missing required field Principal cannot be empty!")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise _malformed(f"Invalid effect: {statement['Effect']}")


def _resources(statement: dict[str, Any], bucket: str) -> None:
    """Each resource is the bucket itself or objects in it."""
    for name in policies.strings(statement.get("Resource", statement.get("NotResource"))):
        found = _RESOURCE.fullmatch(name)
        if found is None or not fnmatchcase(bucket, found[1]):
            raise _malformed("Policy has invalid resource", Detail=name)


def _actions(statement: dict[str, Any]) -> None:
    """Each action exists and acts on one of the resources at least."""
    resources = [_RESOURCE.fullmatch(name) for name in policies.strings(statement.get("Resource", []))]
    kinds = {"object" for found in resources if found and (found[2] or "*" in found[1])}
    kinds |= {"bucket" for found in resources if found and not found[2]}
    for action in policies.strings(statement.get("Action", statement.get("NotAction"))):
        service, _, name = action.lower().partition(":")
        matching = {kind for kind, names in _KNOWN.items() if any(fnmatchcase(known, name) for known in names)}
        if action != "*" and (service != "s3" or not matching):
            raise _malformed("Policy has invalid action", Detail=action)
        if action != "*" and "Action" in statement and kinds and not kinds & matching:
            raise _malformed("Action does not apply to any resource(s) in statement")
