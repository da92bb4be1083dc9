"""FilterLogEvents finds what is asked for, and all of it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import running

GROUP = {"logGroupName": "g"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, int]]:
    """A client of an emulator with three streams, and the time of their first events."""
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.logs.filtering") as emulator:
        logs, start = emulator.client("logs"), int(time.time() * 1000) - 1000
        logs.create_log_group(**GROUP)
        for stream in ("run/a", "run/b", "web/a"):
            logs.create_log_stream(**GROUP, logStreamName=stream)
            events = [{"timestamp": start + i // 2, "message": f"{stream} {i}"} for i in range(4)]
            logs.put_log_events(**GROUP, logStreamName=stream, logEvents=events)
        yield logs, start


def found(logs: Any, **asked: Any) -> list[str]:
    """The messages of one answer."""
    return [event["message"] for event in logs.filter_log_events(**GROUP, **asked)["events"]]


@pytest.mark.parametrize(
    ("asked", "streams"),
    [
        ({}, {"run/a", "run/b", "web/a"}),
        ({"logStreamNamePrefix": "run/"}, {"run/a", "run/b"}),
        ({"logStreamNamePrefix": "none"}, set()),
        ({"logStreamNames": ["web/a", "run/b"]}, {"web/a", "run/b"}),
        ({"filterPattern": '"web/"'}, {"web/a"}),
        ({"filterPattern": "%^web/%"}, {"web/a"}),
        ({"filterPattern": "[stream = run*, number]"}, {"run/a", "run/b"}),
    ],
)
def test_streams_and_patterns(written: tuple[Any, int], asked: dict[str, Any], streams: set[str]) -> None:
    messages = found(written[0], **asked)
    assert sorted(messages) == sorted(f"{stream} {i}" for stream in streams for i in range(4))


def test_both_ends_of_the_time_are_included(written: tuple[Any, int]) -> None:
    logs, start = written
    web = {"logStreamNamePrefix": "web"}
    assert found(logs, **web, endTime=start) == ["web/a 0", "web/a 1"]
    assert found(logs, **web, startTime=start + 1, endTime=start + 1) == ["web/a 2", "web/a 3"]
    assert found(logs, **web, startTime=start + 2) == []


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 8])
def test_pages_give_every_event_once(written: tuple[Any, int], limit: int) -> None:
    logs, asked, pages = written[0], {"logStreamNamePrefix": "run/", "limit": limit}, []
    while True:
        answer = logs.filter_log_events(**GROUP, **asked)
        pages.append([event["message"] for event in answer["events"]])
        if "nextToken" not in answer:
            break
        asked["nextToken"] = answer["nextToken"]
    assert [message for page in pages for message in page] == found(logs, logStreamNamePrefix="run/")
    assert len(pages) == -(-8 // limit)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"logStreamNamePrefix": "run/", "logStreamNames": ["run/a"]}, "cannot be given together"),
        ({"filterPattern": "%we(b)%"}, "Invalid character"),
        ({"nextToken": "other"}, "nextToken is invalid"),
        ({"limit": 10001}, "'10001' at 'limit'"),
    ],
)
def test_what_is_refused(written: tuple[Any, int], asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        found(written[0], **asked)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
