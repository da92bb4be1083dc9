"""Logs Insights answers by the API."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import Emulator, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.logs.insights") as found:
        yield found


def test_statistics_are_counted_and_unknown_commands_refused(emulator: Emulator) -> None:
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now = int(time.time())
    events = [{"timestamp": now * 1000, "message": text} for text in ("ERROR a", "INFO b", "ERROR c")]
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    asked = {"logGroupName": "g", "startTime": now - 60, "endTime": now + 60}
    query = "parse @message '* *' as level, rest | stats count(*) as n by level | sort n desc"
    answer = logs.get_query_results(queryId=logs.start_query(**asked, queryString=query)["queryId"])
    assert [{each["field"]: each["value"] for each in row} for row in answer["results"]] == [
        {"level": "ERROR", "n": "2"},
        {"level": "INFO", "n": "1"},
    ]
    assert answer["statistics"]["recordsMatched"] == 3
    some = logs.start_query(**asked, queryString="fields @message | filter @message like /ERROR/", limit=1)
    found = logs.get_query_results(queryId=some["queryId"])
    assert (len(found["results"]), found["statistics"]["recordsMatched"]) == (1, 2)
    with pytest.raises(ClientError, match="MalformedQueryException"):
        logs.start_query(**asked, queryString="anomaly")
