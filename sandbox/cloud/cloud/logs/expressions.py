"""The expressions of Logs Insights: fields, comparisons, arithmetic and functions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html. The functions below
are those that are known here; any other is refused.
"""

import math
import operator
import re
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]
Expression = Callable[[Record], Any]
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<duration>\d+(?:ms|mo|s|m|h|d|w|q|y)\b) | (?P<number>\d+(?:\.\d+)?)
    | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    | (?P<quoted>`[^`]+`) | (?P<name>[@A-Za-z_][\w.@]*) | (?P<operator>=~|!=|<=|>=|[-+*/^%=<>(),\[\]|])
    )""",
    re.VERBOSE,
)
_REGEX = re.compile(r"\s*/((?:\\.|[^/\\])*)/(i?)")
_MILLISECONDS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "mo": 2_592_000_000,
    "q": 7_776_000_000,
    "y": 31_536_000_000,
}
_COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "^": operator.pow,
}
_PRECEDENCE = (("+", "-"), ("*", "/", "%"), ("^",))


class MalformedError(ValueError):
    """The query is not one of the language, or of the part of it that is known here."""


def number(value: Any) -> float | None:
    """A value as a number, if it is one."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def text(value: Any) -> str:
    """A value as results show it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.4f}".rstrip("0")
    return str(value)


def _equal(left: Any, right: Any) -> bool:
    first, second = number(left), number(right)
    return first == second if first is not None and second is not None else text(left) == text(right)


def _compare(sign: str, left: Expression, right: Expression) -> Expression:
    def compare(record: Record) -> bool:
        first, second = left(record), right(record)
        if first is None or second is None:
            return sign == "!=" and first is not second
        if sign in ("=", "!="):
            return _equal(first, second) is (sign == "=")
        ordered = (number(first), number(second))
        return _COMPARISONS[sign](*(ordered if None not in ordered else (text(first), text(second))))

    return compare


def _calculate(sign: str, left: Expression, right: Expression) -> Expression:
    def calculate(record: Record) -> float | None:
        first, second = number(left(record)), number(right(record))
        if first is None or second is None or (sign in "/%" and second == 0):
            return None
        return float(_ARITHMETIC[sign](first, second))

    return calculate


def _on_number(function: Callable[[float], float]) -> Callable[..., Any]:
    return lambda value: None if (found := number(value)) is None else function(found)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _on_number(abs),
    "ceil": _on_number(math.ceil),
    "floor": _on_number(math.floor),
    "coalesce": lambda *values: next((each for each in values if each is not None), None),
    "concat": lambda *values: "".join(text(each) for each in values if each is not None),
    "isblank": lambda value: value is None or not text(value).strip(),
    "isempty": lambda value: value is None or text(value) == "",
    "ispresent": lambda value: value is not None,
    "replace": lambda value, old, new: text(value).replace(text(old), text(new)),
    "strcontains": lambda value, part: text(part) in text(value or ""),
    "strlen": lambda value: float(len(text(value or ""))),
    "substr": lambda value, start, *length: text(value)[int(start) :][: int(length[0]) if length else None],
    "tolower": lambda value: text(value or "").lower(),
    "toupper": lambda value: text(value or "").upper(),
    "trim": lambda value: text(value or "").strip(),
    "tomillis": lambda value: value,
}


class Parser:
    """Reads expressions from a text, token by token."""

    def __init__(self, source: str) -> None:
        self.source, self.position = source, 0

    def _next(self) -> re.Match[str] | None:
        return _TOKEN.match(self.source, self.position)

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return not self.source[self.position :].strip()

    def fail(self) -> MalformedError:
        """The error that names what is not understood."""
        left = self.source[self.position :].strip()[:40]
        return MalformedError(f"unexpected symbol found {left or 'end of query'!r}")

    def accept(self, *wanted: str) -> str | None:
        """Take the next word or sign if it is one of those."""
        found = self._next()
        if found and found[0].strip().lower() in wanted:
            self.position = found.end()
            return found[0].strip().lower()
        return None

    def expect(self, *wanted: str) -> str:
        """Take the next word or sign, which has to be one of those."""
        taken = self.accept(*wanted)
        if taken is None:
            raise self.fail()
        return taken

    def take(self, kind: str) -> str | None:
        """Take the next token if it is of a kind."""
        found = self._next()
        if found and found[kind] is not None:
            self.position = found.end()
            return found[kind]
        return None

    def regex(self) -> re.Pattern[str] | None:
        """Take a regular expression between slashes."""
        found = _REGEX.match(self.source, self.position)
        if not found:
            return None
        self.position = found.end()
        try:
            return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", found[1]), re.IGNORECASE if found[2] else 0)
        except re.error as error:
            raise MalformedError(f"invalid regular expression {found[1]!r}: {error}") from error

    def condition(self) -> Expression:
        """``or`` of ``and`` of comparisons."""
        parts = [self._all()]
        while self.accept("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda record: any(part(record) for part in parts)

    def _all(self) -> Expression:
        parts = [self._one()]
        while self.accept("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda record: all(part(record) for part in parts)

    def _one(self) -> Expression:
        if self.accept("not"):
            inner = self._one()
            return lambda record: not inner(record)
        left = self.value()
        negated = bool(self.accept("not"))
        word = self.accept("like", "=~", "in", *([] if negated else ["=", "!=", *_COMPARISONS]))
        if word in ("like", "=~"):
            return self._matching(left, negated)
        if word == "in":
            values = self._values()
            return lambda record: any(_equal(left(record), each(record)) for each in values) is not negated
        if negated:
            raise self.fail()
        return _compare(word, left, self.value()) if word else left

    def _matching(self, left: Expression, negated: bool) -> Expression:
        pattern = self.regex()
        if pattern is None:
            literal = self.take("string")
            if literal is None:
                raise self.fail()
            pattern = re.compile(re.escape(_unquoted(literal)))
        return lambda record: bool((value := left(record)) is not None and pattern.search(text(value))) is not negated

    def _values(self) -> list[Expression]:
        self.expect("[")
        values = [self.value()]
        while self.accept(","):
            values.append(self.value())
        self.expect("]")
        return values

    def value(self, level: int = 0) -> Expression:
        """An operand, or arithmetic on operands."""
        if level == len(_PRECEDENCE):
            return self.operand()
        left = self.value(level + 1)
        while sign := self.accept(*_PRECEDENCE[level]):
            left = _calculate(sign, left, self.value(level + 1))
        return left

    def operand(self) -> Expression:
        """A field, a constant or a call."""
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        if self.accept("-"):
            return _calculate("-", lambda _: 0.0, self.operand())
        if (found := self.take("number")) is not None:
            return lambda _: float(found)
        if (found := self.take("string")) is not None:
            constant = _unquoted(found)
            return lambda _: constant
        if (found := self.take("quoted")) is not None:
            return lambda record: record.get(found[1:-1])
        name = self.take("name")
        if name is None:
            raise self.fail()
        return self._call(name.lower()) if self.accept("(") else lambda record: record.get(name)

    def _call(self, name: str) -> Expression:
        if name in ("bin", "datefloor"):
            return self._floor(name)
        if name not in _FUNCTIONS:
            raise MalformedError(f"unknown function {name}")
        arguments = [] if self.accept(")") else [self.condition()]
        while arguments and self.accept(","):
            arguments.append(self.condition())
        if arguments:
            self.expect(")")
        function = _FUNCTIONS[name]
        return lambda record: function(*(each(record) for each in arguments))

    def _floor(self, name: str) -> Expression:
        of = self.value() if name == "datefloor" else lambda record: record.get("@timestamp")
        if name == "datefloor":
            self.expect(",")
        duration = self.take("duration")
        if duration is None:
            raise self.fail()
        self.expect(")")
        count, unit = re.fullmatch(r"(\d+)(\w+)", duration).groups()
        width = int(count) * _MILLISECONDS[unit]
        return lambda record: None if (at := of(record)) is None else type(at)(int(at) // width * width)


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])
