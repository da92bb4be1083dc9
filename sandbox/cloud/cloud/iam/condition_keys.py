"""Answer the global condition keys of a call as AWS does, and put them in the place of policy variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (which key is there, and with
which value) and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html. MiniStack gives the
session's ARN for the role's, says ``Root`` for the account, knows the tags of few resources, nothing of endpoints and
of services that call for somebody, lets a wildcard reach from one part of an ARN into the next, and takes variables as
they stand.
"""

import re
from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import ec2, ecs, iam, tagging

from cloud.core import patch
from cloud.iam import origin

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "get_scoped",
    iam_evaluator: "_op_arn_like _resolve_condition_key",
    ec2: "_tags",
    ecs: "_tags",
    iam: "_roles",
    tagging: "resource_tags",
}

_TAG = "aws:resourcetag/"
_ORIGIN = frozenset({"aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"})
# ${key} or ${key, 'default'}; ${*}, ${?} and ${$} stand for the characters themselves.
_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")


def _resolve(old: Any, key: str, ctx: Any) -> Any:
    name = key.lower()
    # A service that uses a key for the caller does so by a forward access session:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    by_service = "kms:viaservice" in ctx.service_context
    if name == "aws:principalarn":
        return _role_arn(ctx) if ctx.principal_type == "AssumedRole" else ctx.principal_arn
    if name == "aws:principaltype":
        return "Account" if ctx.principal_type == "Root" else ctx.principal_type
    if name == "aws:principalisawsservice":
        return "false"
    if name == "aws:viaawsservice":
        return str(by_service).lower()
    if name in _ORIGIN:
        session = ctx.principal_arn.rsplit("/", 1)[-1]
        return None if by_service else origin.keys(ctx.source_ip, session, ctx.action, ctx.region).get(name)
    if name.startswith(_TAG) and name not in ctx.service_context:
        return _tags(ctx.resource_arn).get(name.removeprefix(_TAG))
    return old(key, ctx)


def _role_arn(ctx: Any) -> str:
    """The role of a session, with its path, which the session's ARN lacks."""
    name = ctx.principal_arn.split("/")[1]
    role = iam._roles.get_scoped(ctx.principal_account, None, name) or {}
    return str(role.get("Arn") or f"arn:aws:iam::{ctx.principal_account}:role/{name}")


def _tags(arn: str) -> dict[str, str]:
    own = ecs._tags.get(arn) if arn.startswith("arn:aws:ecs:") else None
    found = {tag["key"]: tag.get("value", "") for tag in own} if own else tagging.resource_tags(arn) or {}
    if arn.startswith("arn:aws:ec2:"):
        found = {tag["Key"]: tag["Value"] for tag in ec2._tags.get(arn.rpartition("/")[2]) or []}
    return {key.lower(): value for key, value in found.items()}


def _arn_like(old: Any, actual: str, expected: str) -> bool:
    """Each of the six parts of an ARN is compared on its own: no wildcard reaches over a colon between them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    parts = list(zip(actual.split(":", 5), expected.split(":", 5), strict=False))
    return all(old(*each) for each in parts) if len(parts) == 6 else bool(old(actual, expected))


def _arn_not_like(old: Any, actual: str, expected: str) -> bool:
    del old
    return not iam_evaluator._op_arn_like(actual, expected)


class _UnknownError(LookupError):
    """A variable of a policy has no value in this call."""


def _filled(value: Any, ctx: Any) -> Any:
    """A text, or all texts in a structure, with the values of their variables."""
    if isinstance(value, dict):
        return {key: _filled(each, ctx) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, ctx) for each in value]
    return _VARIABLE.sub(lambda found: _value(found, ctx), value) if isinstance(value, str) else value


def _value(found: re.Match[str], ctx: Any) -> str:
    if found[1] in ("*", "?", "$"):
        return found[1]
    value = iam_evaluator._resolve_condition_key(found[1], ctx)
    value = found[2] if value is None else value
    if not isinstance(value, str):
        raise _UnknownError(found[1])
    return value


def _first_match(old: Any, ctx: Any, stmts: list[Any], effect: str) -> Any:
    """A statement whose variable has no value matches nothing."""
    filled = []
    for each in stmts:
        try:
            filled.append(
                replace(
                    each,
                    resources=_filled(each.resources, ctx),
                    not_resources=_filled(each.not_resources, ctx),
                    conditions=_filled(each.conditions, ctx),
                )
                if "${" in repr(each)
                else each
            )
        except _UnknownError:
            continue
    return old(ctx, filled, effect)


def install() -> None:
    """Put this around MiniStack's evaluation."""
    patch.wrap(iam_evaluator, "_resolve_condition_key", _resolve, "key ctx")
    patch.wrap(iam_evaluator, "_op_arn_like", _arn_like, "actual expected")
    patch.wrap(iam_evaluator, "_op_arn_not_like", _arn_not_like, "actual expected")
    patch.wrap(iam_evaluator, "_first_match", _first_match, "ctx stmts effect")
