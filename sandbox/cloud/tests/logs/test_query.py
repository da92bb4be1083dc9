"""Queries of Logs Insights mean what AWS documents, and what is not understood is refused."""

import json

import pytest

from cloud.logs.expressions import MalformedError
from cloud.logs.query import Moment, Query, discovered

MINUTE = 60_000
LINES = [
    "INFO run a took 2 s",
    "ERROR run b took 10 s",
    json.dumps({"level": "WARN", "run": {"id": "c", "seconds": 3}, "tags": ["x", "y"]}),
    "INFO run d took 4 s",
]
RECORDS = [
    {**discovered(line), "@message": line, "@timestamp": Moment(i * MINUTE), "@logStream": f"s{i % 2}", "@ptr": str(i)}
    for i, line in enumerate(LINES)
]


def rows(query: str) -> list[dict[str, str]]:
    return Query(query).run(RECORDS)[0]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("@message like /ERROR|WARN/", "12"),
        ("@message like 'run d'", "3"),
        ("@message not like /(?i)info/ and @logStream = 's0'", "2"),
        ("@message =~ /^error/i", "1"),
        ("@logStream in ['s1', 's9'] or run.id = 'c'", "123"),
        ("@logStream not in ['s1']", "02"),
        ("run.seconds > 2 and tags.1 = 'y'", "2"),
        ("not ispresent(level)", "013"),
        ("toMillis(@timestamp) >= 120000", "23"),
        ("strlen(@message) < 20", "03"),
        ("(run.seconds + 1) * 2 = 8", "2"),
        ("bin(2m) = 120000", "23"),
    ],
)
def test_filters(condition: str, found: str) -> None:
    assert "".join(row["@ptr"] for row in rows(f"fields @message | filter {condition}")) == found


def test_statistics_by_field_and_time() -> None:
    took = "parse @message 'run * took * s' as run, seconds | filter ispresent(seconds)"
    assert rows(f"{took} | stats count(*) as n, sum(seconds), avg(seconds), min(seconds), max(seconds)") == [
        {"n": "3", "sum(seconds)": "16", "avg(seconds)": "5.3333", "min(seconds)": "2", "max(seconds)": "10"}
    ]
    assert rows("stats count(*) by @logStream | sort @logStream desc") == [
        {"@logStream": "s1", "count(*)": "2"},
        {"@logStream": "s0", "count(*)": "2"},
    ]
    assert rows("stats count() as n, latest(@message) as last by bin(2m) as at | sort at") == [
        {"at": "1970-01-01 00:00:00.000", "n": "2", "last": LINES[1]},
        {"at": "1970-01-01 00:02:00.000", "n": "2", "last": LINES[3]},
    ]
    assert rows("stats count_distinct(@logStream) as streams, pct(run.seconds, 95) as p") == [
        {"streams": "2", "p": "3"}
    ]
    assert rows("filter @message = 'none' | stats count(*)") == [{"count(*)": "0"}]


def test_parsing_sorting_limits_and_columns() -> None:
    by_regex = r"parse @message /(?<level>\w+) run (?<run>\w) took (?<seconds>\d+)/"
    found = rows(f"{by_regex} | display level, seconds | sort seconds desc, @timestamp | limit 2")
    assert [(row["level"], row["seconds"]) for row in found] == [("ERROR", "10"), ("INFO", "4")]
    assert rows("fields concat(@logStream, '!') as mark | limit 1")[0]["mark"] == "s0!"
    assert [row["@ptr"] for row in rows("dedup @logStream")] == ["0", "1"]
    assert set(rows("limit 1")[0]) == {"@timestamp", "@message", "@ptr"}
    assert rows("# a remark\nfields @message\n| filter @message like 'a | b'") == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("fields @message | pattern @message", "'pattern'"),
        ("stats median(x)", "'median'"),
        ("filter @message ~ 'x'", "unexpected symbol found \"~ 'x'\""),
        ("filter", "end of query"),
        ("fields soundex(@message)", "unknown function soundex"),
        ("limit 10001", "between 1 and 10000"),
        ("parse @message 'a * b' as x, y", "does not fit"),
        ("filter @message like /(/", "invalid regular expression"),
        ("", "the query is empty"),
    ],
)
def test_what_is_not_understood_is_refused(query: str, reason: str) -> None:
    with pytest.raises(MalformedError) as refused:
        Query(query)
    assert reason in str(refused.value)
