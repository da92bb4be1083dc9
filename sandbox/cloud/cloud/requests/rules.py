"""Rules beyond the services' models: which combinations, and what has to exist, in which state.

A rule stands with its service (``cloud/<service>/rules.py``). It names the operations that it is for and, in its
docstring, the AWS document that says so.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException


@dataclass(frozen=True)
class Call:
    """A call as boto3 makes it."""

    service: str  # as botocore names it
    operation: str
    parameters: dict[str, Any]
    region: str
    account: str


class Refused(ServiceException):
    """AWS's error code and words.

    ``status`` is that of the code in the service's model unless given, and 400 where the model has none;
    ``members`` are what S3 tells beside the message, such as BucketName.
    """

    def __init__(self, code: str, message: str, status: int | None = None, **members: str) -> None:
        super().__init__(code, message)
        self.status, self.members = status, members


Rule = Callable[[Call], None]

_rules: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)


def rule(service: str, operations: str) -> Callable[[Rule], Rule]:
    """Register a rule for operations of a service, separated by spaces. It raises Refused, or returns."""

    def register(function: Rule) -> Rule:
        for operation in operations.split():
            _rules[service, operation].append(function)
        return function

    return register


def check(call: Call) -> None:
    """Raise what the first rule that is broken says."""
    for function in _rules.get((call.service, call.operation), ()):
        function(call)


def all_rules() -> dict[tuple[str, str], list[Rule]]:
    """The rules by service and operation."""
    return dict(_rules)
