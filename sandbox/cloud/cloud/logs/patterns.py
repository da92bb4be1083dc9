"""The filter patterns of CloudWatch Logs: terms, and conditions on events in JSON.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html. Regular expressions and
patterns for events with spaces between their fields are not known here: they are refused.
"""

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from cloud.logs.expressions import MalformedError

Matcher = Callable[[str], bool]
_Condition = Callable[[Any], bool]
_TERM = re.compile(r'\s*([-?]?)(?:"((?:\\.|[^"\\])*)"|(\w+))(?=\s|$)')
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<selector>\$(?:\.[\w-]+|\[\d+\])+) | "(?P<string>(?:\\.|[^"\\])*)"
    | (?P<sign>&&|\|\||!=|<=|>=|[=<>(){}]) | (?P<word>[\w.*:/@+-]+)
    )""",
    re.VERBOSE,
)
_ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
_MISSING = object()


def matcher(pattern: str) -> Matcher:
    """What tells whether a message matches; MalformedError for a pattern that is wrong or not known here."""
    text = pattern.strip()
    if text.startswith("["):
        raise MalformedError("patterns for space-delimited events are not known here: name terms, or select in JSON")
    if text.startswith("{"):
        condition = _Conditions(text).read()
        return lambda message: (event := _parsed(message)) is not None and condition(event)
    return _terms(text)


def _terms(text: str) -> Matcher:
    """Terms are case-sensitive; those with ``?`` have no effect beside others."""
    found: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise MalformedError(f"Invalid character(s) in term '{text[position:].split()[0]}'")
        found[term[1]].append(term[3] if term[2] is None else _unescaped(term[2]))
        position = term.end()
    wanted, either, unwanted = found.values()
    if either and not wanted and not unwanted:
        return lambda message: any(each in message for each in either)
    return lambda message: all(each in message for each in wanted) and not any(each in message for each in unwanted)


def _parsed(message: str) -> dict[str, Any] | None:
    try:
        event = json.loads(message)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _unescaped(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal)


class _Conditions:
    """Reads ``{ ... }``, token by token."""

    def __init__(self, source: str) -> None:
        self.source, self.position = source, 0

    def read(self) -> _Condition:
        """The whole pattern."""
        self._expect("sign", "{")
        condition = self._any()
        self._expect("sign", "}")
        if self.source[self.position :].strip():
            raise self._unexpected()
        return condition

    def _take(self, kind: str, *wanted: str) -> str | None:
        token = _TOKEN.match(self.source, self.position)
        if token is None or token[kind] is None or (wanted and token[kind].upper() not in wanted):
            return None
        self.position = token.end()
        return token[kind]

    def _expect(self, kind: str, *wanted: str) -> str:
        taken = self._take(kind, *wanted)
        if taken is None:
            raise self._unexpected()
        return taken

    def _unexpected(self) -> MalformedError:
        left = self.source[self.position :].strip()[:40]
        return MalformedError(f"Invalid filter pattern: {left or 'the end'!r} is not known at this place")

    def _any(self) -> _Condition:
        parts = [self._all()]
        while self._take("sign", "||"):
            parts.append(self._all())
        return lambda event: any(part(event) for part in parts)

    def _all(self) -> _Condition:
        parts = [self._one()]
        while self._take("sign", "&&"):
            parts.append(self._one())
        return lambda event: all(part(event) for part in parts)

    def _one(self) -> _Condition:
        if self._take("sign", "("):
            inner = self._any()
            self._expect("sign", ")")
            return inner
        selector = self._expect("selector")
        accepts = self._test()
        return lambda event: accepts(_selected(event, selector))

    def _test(self) -> _Condition:
        """What follows a selector, as a test of the selected value."""
        if self._take("word", "IS"):
            constant = _CONSTANTS[self._expect("word", *_CONSTANTS).upper()]
            return lambda value: value is constant
        if self._take("word", "NOT"):
            self._expect("word", "EXISTS")
            return lambda value: value is _MISSING
        sign = self._expect("sign", "=", "!=", *_ORDERED)
        if sign in _ORDERED:
            limit = _number(self._expect("word"))
            if limit is None:
                raise MalformedError(f"Invalid filter pattern: {sign} compares with numbers")
            return lambda value: _is_number(value) and _ORDERED[sign](value, limit)
        equal = self._equal()
        return lambda value: value is not _MISSING and equal(value) is (sign == "=")

    def _equal(self) -> _Condition:
        literal = self._take("string")
        if literal is None:
            literal = self._expect("word")
            if (number := _number(literal)) is not None:
                return lambda value: _is_number(value) and value == number
        pieces = map(re.escape, _unescaped(literal).split("*"))
        text = re.compile(".*".join(pieces), re.DOTALL)
        return lambda value: isinstance(value, str) and text.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(literal: str) -> float | None:
    try:
        return float(literal)
    except ValueError:
        return None


def _selected(event: Any, selector: str) -> Any:
    """The value under ``$.name[0].name``."""
    for name, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", selector):
        if name and isinstance(event, dict):
            event = event.get(name, _MISSING)
        elif index and isinstance(event, list) and int(index) < len(event):
            event = event[int(index)]
        else:
            return _MISSING
    return event
