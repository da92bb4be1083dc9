"""What a call has to be allowed, and by which function that is told for an operation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ministack.services import iam

from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {iam: "_roles"}


@dataclass
class Check:
    """One question: may the caller do this to that, in this context?"""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    # Whether the context is all there is: the tags of the request are about something else.
    alone: bool = False


Checks = Iterator[Check]
_known: dict[tuple[str, str], Callable[[Call], Checks]] = {}


def asks(service: str, operations: str) -> Callable[[Callable[[Call], Checks]], Callable[[Call], Checks]]:
    """Register what tells the checks of operations, which are separated by spaces; the service is botocore's name."""

    def register(function: Callable[[Call], Checks]) -> Callable[[Call], Checks]:
        for operation in operations.split():
            _known[service, operation] = function
        return function

    return register


def known(service: str, operation: str) -> bool:
    """Whether somebody tells the checks of an operation."""
    return (service, operation) in _known


def of(call: Call) -> list[Check]:
    """All that a call has to be allowed, the operation's own first."""
    return list(_known[call.service, call.operation](call))


def arn(call: Call, service: str, rest: str) -> str:
    """An ARN of the call's account and region."""
    return f"arn:aws:{service}:{call.region}:{call.account}:{rest}"


def tags(entries: Any) -> dict[str, Any]:
    """The context of tags in a request."""
    found = {
        str(entry.get("Key", entry.get("TagKey"))): entry.get("Value", entry.get("TagValue", "")) for entry in entries
    }
    return {f"aws:requesttag/{key.lower()}": value for key, value in found.items()} | {"aws:TagKeys": list(found)}


def pass_role(role: str | None, service: str) -> Checks:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    if role:
        yield Check("iam:PassRole", role, {"iam:PassedToService": service}, alone=True)


def service_linked_role(call: Call, host: str, name: str) -> Checks:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html: if there is none."""
    if name not in iam._roles:
        role = f"arn:aws:iam::{call.account}:role/aws-service-role/{host}/{name}"
        yield Check("iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": host}, alone=True)
