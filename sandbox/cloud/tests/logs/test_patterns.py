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
        ("%something!%", "Invalid character(s) in the regular expression %something!%"),
        ("%(a)%", "Invalid character(s) in the regular expression"),
        ("%[a%", "Invalid regular expression"),
        ("[ip, user", "has no end"),
        ("[ip, a b]", "'a b' is not known"),
        ("[..., a, ...]", "more than one ellipsis"),
        ("[w1 = a || w2 = b]", "'w2 = b' is not known"),
        ("{ $.*.* = 1 }", "too many wildcards"),
        ("{ $.* = 1 || $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 }", "too many wildcards"),
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


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html: its events and its patterns.
TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "latency": 50,
    }
)
REQUEST = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
RESOURCES = [
    "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
    "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.eventType = %Trail% }", True),
        ("{ $.eventType != %Trail% }", False),
        ("{ $.arrayKey[*] = %val.{2}% }", True),
        (r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", True),
        ("{ $.['cluster.name'] = \"c\" }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.latency = * }", True),
        ("{ $.latency = 5* }", True),
        ("{ $.nothing = * }", False),
        # "If a property selector points to an array or object, the filter pattern won't match the log format."
        ("{ $.arrayKey != 1 }", False),
        ("{ $.objectList = * }", False),
        ('{ $.latency = "50" }', False),
    ],
)
def test_the_guides_patterns_on_json(pattern: str, matches: bool) -> None:
    assert patterns.matcher(pattern)(TRAIL) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        (r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", True),
        ("[..., request =*.html*, status_code = 4*, bytes]", True),
        ("[ip, user, ..., bytes > 1000]", True),
        ("[ip, user, ..., bytes > 2000]", False),
        ("[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 404, bytes]", False),
        ('[ip, user = "Prod", ...]', True),
        ("[ip, user]", False),
        ("[ip, user, username, timestamp, request, status_code, bytes, more]", False),
    ],
)
def test_the_guides_patterns_on_fields(pattern: str, matches: bool) -> None:
    assert patterns.matcher(pattern)(REQUEST) is matches


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", [0]),
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]", [1]),
    ],
)
def test_the_guides_regular_expressions_on_fields(pattern: str, numbers: list[int]) -> None:
    assert [number for number, line in enumerate(RESOURCES) if patterns.matcher(pattern)(line)] == numbers


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("%^[hc]at%", "cat on a mat", True),
        ("%^[hc]at%", "the cat", False),
        ("%colou?r%", "color", True),
        ("%a{3,5}%", "aa", False),
        ("%^starting|^initializing|^shutting down%", "skipping initializing", False),
        (r"%10\.10\.0\.1%", "10010,051", False),
        (r"%\x28%", "f(x)", True),
        (r"%\d\D%", "1", False),
    ],
)
def test_the_guides_regular_expressions(pattern: str, message: str, matches: bool) -> None:
    assert patterns.matcher(pattern)(message) is matches


def test_values_are_taken_out_of_what_matches() -> None:
    fields = patterns.read("[..., request =*.html*, status_code = 4*, bytes]").match(REQUEST)
    assert fields == {
        "$1": "127.0.0.1",
        "$2": "Prod",
        "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$request": "GET /index.html HTTP/1.0",
        "$status_code": "404",
        "$bytes": "1534",
    }
    trail = patterns.read('{ $.eventType = "*" && $.latency > 1 && $.other NOT EXISTS }').match(TRAIL)
    assert trail == {"$.eventType": "UpdateTrail", "$.latency": "50"}
    assert patterns.read("UpdateTrail").match(TRAIL) == {}
