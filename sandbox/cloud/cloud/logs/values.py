"""What filter patterns compare values with: texts with wildcards, numbers and regular expressions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
"""

import operator
import re
from collections.abc import Callable
from typing import Any

from cloud.logs.expressions import MalformedError

Test = Callable[[Any], bool]
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Letters, digits, some symbols and operators, without groups; others only escaped, or as \xhh.
_ALLOWED = re.compile(r"(?:\\.|[A-Za-z0-9:_#=@/;,\s^$?\[\]{}|*+.-])*", re.DOTALL)


def regex(source: str) -> re.Pattern[str]:
    """The regular expression between two ``%``."""
    if not _ALLOWED.fullmatch(source):
        raise MalformedError(f"Invalid character(s) in the regular expression %{source}%")
    try:
        return re.compile(source, re.ASCII)
    except re.error as error:
        raise MalformedError(f"Invalid regular expression %{source}%: {error}") from error


def number(value: Any) -> float | None:
    """A number, or a text that is one; truth values are none."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def same(literal: str, quoted: bool) -> Test:
    """Whether a value is the literal, in which ``*`` stands for anything."""
    if not quoted and "*" not in literal and (wanted := number(literal)) is not None:
        return lambda value: number(value) == wanted
    text = re.compile(".*".join(map(re.escape, literal.split("*"))), re.DOTALL)
    return lambda value: not isinstance(value, bool) and text.fullmatch(shown(value)) is not None


def ordered(sign: str, literal: str) -> Test:
    """Whether a value is a number on one side of the literal."""
    limit = number(literal)
    if limit is None:
        raise MalformedError(f"Invalid filter pattern: {sign} compares with numbers")
    compare = ORDERED[sign]
    return lambda value: (found := number(value)) is not None and compare(found, limit)


def shown(value: Any) -> str:
    """A value as a text: numbers as in the event, truth values in JSON's words."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def unescaped(literal: str) -> str:
    """A quoted literal as it is meant."""
    return re.sub(r"\\(.)", r"\1", literal)
