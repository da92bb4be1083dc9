"""Conditions on the fields of a line, which spaces separate.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-term-space-delimited-log-events.
AWS's pages disagree whether the last field takes all that is left of a line. Here it takes one word: a pattern that
matches here matches there, and ``...`` says that more may follow.
"""

import re
from collections.abc import Callable

from cloud.logs import values
from cloud.logs.expressions import MalformedError
from cloud.logs.extraction import Pattern

_FIELD = re.compile(r'\[([^\]]*)\]|"([^"]*)"|(\S+)')
_MORE = "..."
_CONDITION = re.compile(
    r"""\s*(?P<name>\w+)\s*(?:(?P<sign>!=|<=|>=|[=<>])\s*
    (?:"(?P<string>(?:\\.|[^"\\])*)"|%(?P<regex>(?:\\.|[^%\\])*)%|(?P<word>[^\s&|,\]]+)))?\s*""",
    re.VERBOSE,
)
_Test = Callable[[str], bool]


def read(source: str) -> Pattern:
    """The pattern in ``[ ... ]``."""
    if not source.endswith("]"):
        raise MalformedError(f"Invalid filter pattern: {source} has no end")
    fields = [_field(part) for part in _parts(source[1:-1])]
    if sum(name == _MORE for name, _, _ in fields) > 1:
        raise MalformedError(f"Invalid filter pattern: {source} has more than one ellipsis")
    names = frozenset(f"${name}" for name, _, _ in fields if name != _MORE)

    def match(message: str) -> dict[str, str] | None:
        placed = _placed(fields, [first or second or third for first, second, third in _FIELD.findall(message)])
        if placed is None or not all(test(value) for _, test, value in placed):
            return None
        return {f"${name}": value for name, _, value in placed}

    return Pattern(match, names, sum(regexes for _, _, regexes in fields))


def _parts(text: str) -> list[str]:
    """What commas separate; those in quotes and regular expressions separate nothing."""
    return [part.strip() for part in re.findall(r'(?:"(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])*%|[^,])+', text)]


def _field(part: str) -> tuple[str, _Test, int]:
    """The name of a field, the test of its value, and how many regular expressions that has."""
    if part == _MORE:
        return _MORE, lambda value: True, 0
    name, either, regexes = "", [], 0
    for alternative in _split(part, r"\|\|"):
        every = []
        for condition in _split(alternative, "&&"):
            found = _CONDITION.fullmatch(condition)
            if found is None or (name and found["name"].lower() != name.lower()):
                raise MalformedError(
                    f"Invalid filter pattern: {condition.strip() or part!r} is not known at this place"
                )
            name = name or found["name"]
            every.append(_test(found))
            regexes += found["regex"] is not None
        either.append(every)
    return name, lambda value: any(all(test(value) for test in every) for every in either), regexes


def _split(text: str, sign: str) -> list[str]:
    return re.split(rf'{sign}(?=(?:[^"%]|"(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])*%)*$)', text)


def _test(found: re.Match[str]) -> _Test:
    sign = found["sign"]
    if sign is None:
        return lambda value: True
    if sign in values.ORDERED:
        return values.ordered(sign, found["word"] or found["string"] or "")
    if found["regex"] is not None:
        expression = values.regex(found["regex"])
        return lambda value: (expression.search(value) is not None) is (sign == "=")
    quoted = found["string"] is not None
    same = values.same(values.unescaped(found["string"]) if quoted else found["word"], quoted)
    return lambda value: same(value) is (sign == "=")


def _placed(fields: list[tuple[str, _Test, int]], words: list[str]) -> list[tuple[str, _Test, str]] | None:
    """The fields with their values; those that an ellipsis stands for are named by their numbers."""
    names = [name for name, _, _ in fields]
    if _MORE not in names:
        if len(words) != len(fields):
            return None
        return [(name, test, word) for (name, test, _), word in zip(fields, words, strict=True)]
    place = names.index(_MORE)
    more = len(words) - (len(fields) - 1)
    if more < 0:
        return None
    between: list[tuple[str, _Test, int]] = [(str(place + number + 1), fields[place][1], 0) for number in range(more)]
    full = [*fields[:place], *between, *fields[place + 1 :]]
    return [(name, test, word) for (name, test, _), word in zip(full, words, strict=True)]
