"""Filter patterns match what AWS documents, and what is not known is refused."""

import json

import pytest

from cloud.logs import patterns
from cloud.logs.expressions import MalformedError

MESSAGES = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[WARN] NOT AN error",
    json.dumps({"level": "error", "code": 404, "run": {"tags": ["a", "b"]}, "retry": True, "host": "10.0.0.1"}),
    json.dumps({"level": "info", "code": 200, "run": None, "retry": False}),
    json.dumps(["level", "error"]),
]


def found(pattern: str) -> str:
    """Which messages match."""
    matches = patterns.matcher(pattern)
    return "".join(str(i) for i, message in enumerate(MESSAGES) if matches(message))


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("", "012345"),
        ("ERROR", "01"),
        ("ERROR ARGUMENTS", "1"),
        ('"BAD REQUEST"', "0"),
        (r'"\"level\", \"error\""', "5"),
        ("?BAD ?WARN", "02"),
        ("ERROR -ARGUMENTS", "0"),
        ('-"error" -"ERROR"', "4"),
        ("?WARN REQUEST", "0"),
    ],
)
def test_terms(pattern: str, numbers: str) -> None:
    assert found(pattern) == numbers


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ('{ $.level = "error" }', "3"),
        ("{$.level=error}", "3"),
        ('{ $.level != "error" }', "4"),
        ('{ $.host = "10.0.*" }', "3"),
        ("{ $.host != 11.* }", "3"),
        ("{ $.code >= 404 }", "3"),
        ("{ $.code = 200 || $.code = 404 }", "34"),
        ('{ ($.code = 200 || $.code = 404) && ($.level = "info") }', "4"),
        ('{ $.run.tags[1] = "b" }', "3"),
        ("{ $.retry IS TRUE }", "3"),
        ("{ $.run IS NULL }", "4"),
        ("{ $.host NOT EXISTS }", "4"),
    ],
)
def test_conditions_on_json(pattern: str, numbers: str) -> None:
    assert found(pattern) == numbers


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("@message like", "Invalid character(s) in term '@message'"),
        ('"open', "Invalid character(s) in term '\"open'"),
        ("%ERR.R%", "Invalid character(s) in term '%ERR.R%'"),
        ("[ip, user, status = 404]", "space-delimited"),
        ("{ $.level = %err% }", "'%err% }' is not known"),
        ('{ $.level = "error"', "'the end' is not known"),
        ("{ level = 1 }", "'level = 1 }' is not known"),
        ('{ $.code > "a" }', "is not known"),
        ("{ $.code > a }", "> compares with numbers"),
        ('{ $.level = "error" } more', "'more' is not known"),
    ],
)
def test_what_is_not_known_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(MalformedError) as refused:
        patterns.matcher(pattern)
    assert words in str(refused.value)
