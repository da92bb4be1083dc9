"""Conditions on events in JSON.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-json-log-events.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from cloud.logs import values
from cloud.logs.expressions import MalformedError
from cloud.logs.extraction import Pattern
from cloud.logs.values import Test

_Condition = Callable[[Any], bool]
_STEP = r"""\.[\w-]+|\.\*|\[\d+\]|\[\*\]|\.?\['(?:[^'])*'\]"""
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<selector>\$(?:{_STEP})+) | "(?P<string>(?:\\.|[^"\\])*)" | %(?P<regex>(?:\\.|[^%\\])*)%
    | (?P<sign>&&|\|\||!=|<=|>=|[=<>(){{}}]) | (?P<word>[\w.*:/@+-]+)
    )""",
    re.VERBOSE,
)
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
_MISSING = object()
# "You can only use up to one wildcard selector in a property selector, and up to three … in … compound expressions."
_WILDCARDS, _ALL_WILDCARDS = 1, 3


def read(source: str) -> Pattern:
    """The pattern in ``{ ... }``."""
    conditions = _Conditions(source)
    condition = conditions.read()

    def match(message: str) -> dict[str, str] | None:
        event = _parsed(message)
        if event is None or not condition(event):
            return None
        found = {selector: _selected(event, selector) for selector in conditions.selectors}
        return {selector: values.shown(all_[0]) for selector, all_ in found.items() if all_ and all_[0] is not _MISSING}

    return Pattern(match, frozenset(conditions.selectors), conditions.regexes)


def _parsed(message: str) -> dict[str, Any] | None:
    try:
        event = json.loads(message)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


class _Conditions:
    """Reads ``{ ... }``, token by token."""

    def __init__(self, source: str) -> None:
        self.source, self.position = source, 0
        self.selectors: list[str] = []
        self.regexes = 0

    def read(self) -> _Condition:
        """The whole pattern."""
        self._expect("sign", "{")
        condition = self._any()
        self._expect("sign", "}")
        if self.source[self.position :].strip():
            raise self._unexpected()
        wildcards = [selector.count("*") for selector in self.selectors]
        if max(wildcards) > _WILDCARDS or sum(wildcards) > _ALL_WILDCARDS:
            raise MalformedError("Invalid filter pattern: too many wildcards in property selectors")
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
        self.selectors.append(selector)
        accepts = self._test()
        return lambda event: any(accepts(value) for value in _selected(event, selector) or [_MISSING])

    def _test(self) -> Test:
        """What follows a selector, as a test of the selected value."""
        if self._take("word", "IS"):
            constant = _CONSTANTS[self._expect("word", *_CONSTANTS).upper()]
            return lambda value: value is constant
        if self._take("word", "NOT"):
            self._expect("word", "EXISTS")
            return lambda value: value is _MISSING
        sign = self._expect("sign", "=", "!=", *values.ORDERED)
        if sign in values.ORDERED:
            compare = values.ordered(sign, self._expect("word"))
            return lambda value: not isinstance(value, str) and _is_value(value) and compare(value)
        equal = self._equal()
        return lambda value: _is_value(value) and equal(value) is (sign == "=")

    def _equal(self) -> Test:
        if (source := self._take("regex")) is not None:
            self.regexes += 1
            found = values.regex(source)
            return lambda value: found.search(values.shown(value)) is not None
        text = self._take("string")
        literal = self._expect("word") if text is None else values.unescaped(text)
        same = values.same(literal, quoted=text is not None)
        if "*" in literal:
            return same
        numeric = text is None and values.number(literal) is not None
        return lambda value: isinstance(value, str) is not numeric and same(value)


def _is_value(value: Any) -> bool:
    """Whether a selector points to a value: "If a property selector points to an array or object, the filter pattern
    won't match the log format"."""
    return value is not _MISSING and value is not None and not isinstance(value, dict | list)


def _selected(event: Any, selector: str) -> list[Any]:
    """The values under ``$.name[0].name``: one, or more where there is a wildcard."""
    found = [event]
    for step in re.findall(_STEP, selector[1:]):
        found = [each for value in found for each in _step(value, step)]
    return found


def _step(value: Any, step: str) -> list[Any]:
    if step in (".*", "[*]"):
        children = value.values() if isinstance(value, dict) else value
        return list(children) if isinstance(value, dict | list) else []
    if index := re.fullmatch(r"\[(\d+)\]", step):
        number = int(index[1])
        return [value[number]] if isinstance(value, list) and number < len(value) else []
    name = step.lstrip(".")
    name = name[2:-2] if name.startswith("['") else name
    return [value[name]] if isinstance(value, dict) and name in value else []
