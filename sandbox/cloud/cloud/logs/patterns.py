"""The filter patterns of CloudWatch Logs: terms, conditions on events in JSON, and on the fields of a line.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
"""

import re
from collections.abc import Callable

from cloud.logs import field_patterns, json_patterns, values
from cloud.logs.expressions import MalformedError
from cloud.logs.extraction import Pattern

_TERM = re.compile(r'\s*([-?]?)(?:"((?:\\.|[^"\\])*)"|%((?:\\.|[^%\\])*)%|(\w+))(?=\s|$)')


def read(source: str) -> Pattern:
    """A pattern; MalformedError for one that is wrong."""
    text = source.strip()
    if text.startswith("["):
        return field_patterns.read(text)
    return json_patterns.read(text) if text.startswith("{") else _terms(text)


def matcher(source: str) -> Callable[[str], bool]:
    """What tells whether a message matches."""
    pattern = read(source)
    return lambda message: pattern.match(message) is not None


def _terms(text: str) -> Pattern:
    """Terms are case-sensitive; those with ``?`` have no effect beside others."""
    found: dict[str, list[Callable[[str], bool]]] = {"": [], "?": [], "-": []}
    position = regexes = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise MalformedError(f"Invalid character(s) in term '{text[position:].split()[0]}'")
        sign, quoted, regex, word = term.groups()
        regexes += regex is not None
        found[sign].append(_regex(regex) if regex is not None else _part(word or values.unescaped(quoted)))
        position = term.end()
    wanted, either, unwanted = found.values()
    if either and not wanted and not unwanted:
        return Pattern(lambda message: {} if any(test(message) for test in either) else None, regexes=regexes)
    matches = lambda message: all(test(message) for test in wanted) and not any(test(message) for test in unwanted)  # noqa: E731
    return Pattern(lambda message: {} if matches(message) else None, regexes=regexes)


def _part(text: str) -> Callable[[str], bool]:
    return lambda message: text in message


def _regex(source: str) -> Callable[[str], bool]:
    found = values.regex(source)
    return lambda message: found.search(message) is not None
