"""The grammar of policy documents, for all services that take them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html. Moto's validator was
written from answers of IAM; it is given what IAM takes and the validator does not (older versions, numbers and a
wildcard as the whole resource of IAM) in a form that it takes.
"""

import enum
import json
import re
from collections.abc import Iterator
from typing import Any

from ministack.services import iam
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import BaseIAMPolicyValidator

# What this module uses of MiniStack.
NEEDS = {
    iam: "_roles _users",
}

_CURRENT = "2012-10-17"
_OLDER = "2008-10-17"
_SERVICE = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.(com|com\.cn|eu)|amazon\.com|aws\.internal)", re.IGNORECASE
)
_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,}")
_ARN = re.compile(
    r"arn:aws[a-z-]*:(iam|sts)::(?P<account>\d{12}|cloudfront):"
    r"(?P<what>root|(?P<kind>user|role|assumed-role|federated-user)/(?P<name>[^*?]+))"
)
_ALL_OF_IAM = re.compile(r"^arn:[\w-]+:iam::[\d*]*:\*$")
_SID = re.compile(r"[0-9A-Za-z]*")
_PRINCIPALS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class MalformedError(ValueError):
    """A document that AWS refuses, in the words of IAM."""


class Kind(enum.Enum):
    """What a document belongs to, where the grammar differs."""

    # Of a user, group or role, or a role's trust.
    IDENTITY = enum.auto()
    # A document of its own: only the current version of the grammar.
    MANAGED = enum.auto()
    # Of a bucket, a key, an endpoint: statements are named as one likes.
    RESOURCE = enum.auto()


def size(text: str) -> int:
    """The characters that count for the quotas: all but white space."""
    return len("".join(text.split()))


def statements(text: str, kind: Kind = Kind.IDENTITY) -> list[dict[str, Any]]:
    """The statements of a document; MalformedError for what is none."""
    if kind is not Kind.RESOURCE and text[:1].isspace():
        raise MalformedError("JSON strings must not have leading spaces")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise MalformedError("This policy contains invalid Json") from error
    try:
        BaseIAMPolicyValidator(json.dumps(_plain(document, kind))).validate()
    except MalformedPolicyDocument as error:
        raise MalformedError(error.message) from error
    found = each(document)
    if not all(
        ":" in key for statement in found for keys in (statement.get("Condition") or {}).values() for key in keys
    ):
        raise MalformedError("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if kind is not Kind.RESOURCE and not all(_SID.fullmatch(str(statement.get("Sid", ""))) for statement in found):
        raise MalformedError(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*"
        )
    return found


def each(document: Any) -> list[dict[str, Any]]:
    """The statements of a parsed document, of which one may stand without a list."""
    found = document.get("Statement", []) if isinstance(document, dict) else []
    return [entry for entry in (found if isinstance(found, list) else [found]) if isinstance(entry, dict)]


def strings(value: Any) -> list[str]:
    """A value that is a string or a list of them."""
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


def principals(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The principals of a statement by their kind, which is empty where the statement gives none."""
    for element in ("Principal", "NotPrincipal"):
        found = statement.get(element, {})
        if isinstance(found, dict):
            yield from ((kind, name) for kind, names in found.items() for name in strings(names))
        else:
            yield ("AWS" if found == "*" else ""), str(found)


def exists(kind: str, name: str, account: str) -> bool:
    """Whether a principal may be named: of other accounts, federations and ids its form says that alone."""
    if kind not in _PRINCIPALS:
        return False
    if kind == "Service":
        return bool(_SERVICE.fullmatch(name))
    if kind != "AWS" or name == "*" or _ACCOUNT.fullmatch(name) or _UNIQUE_ID.fullmatch(name):
        return True
    found = _ARN.fullmatch(name)
    if found is None or found["account"] != account or found["kind"] not in ("user", "role", "assumed-role"):
        return found is not None
    if found["kind"] == "assumed-role":
        return found["name"].partition("/")[0] in iam._roles
    known = (iam._users if found["kind"] == "user" else iam._roles).get(found["name"].rpartition("/")[2])
    return known is not None and known["Arn"].split(":", 2)[2] == name.split(":", 2)[2]


def _plain(document: Any, kind: Kind) -> Any:
    """The document as moto's validator takes what AWS takes."""
    if not isinstance(document, dict):
        return document
    plain, found = dict(document), document.get("Statement")
    if isinstance(found, (dict, list)):
        plain["Statement"] = [
            _plain_statement(entry, kind) for entry in (found if isinstance(found, list) else [found])
        ]
    if kind is not Kind.MANAGED and document.get("Version", _OLDER) == _OLDER:
        plain["Version"] = _CURRENT
    return plain


def _plain_statement(statement: Any, kind: Kind) -> Any:
    if not isinstance(statement, dict):
        return statement
    plain = dict(statement)
    if kind is Kind.RESOURCE and isinstance(plain.get("Sid"), str):
        del plain["Sid"]
    for element in ("Resource", "NotResource"):
        if element in plain and isinstance(plain[element], (str, list)):
            plain[element] = [_ALL_OF_IAM.sub("*", name) for name in strings(plain[element])]
    conditions = plain.get("Condition")
    if isinstance(conditions, dict):
        plain["Condition"] = {
            operator: {key: _texts(values) for key, values in keys.items()} if isinstance(keys, dict) else keys
            for operator, keys in conditions.items()
        }
    return plain


def _texts(values: Any) -> Any:
    if isinstance(values, list):
        return [_texts(value) for value in values]
    return str(values) if isinstance(values, (int, float)) and not isinstance(values, bool) else values
