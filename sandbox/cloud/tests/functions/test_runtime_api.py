"""A function's program gets its events by Lambda's runtime API, and gives its answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cloud.functions import runtime_api
from cloud.functions.runtime_api import Channel, Invocation


@pytest.fixture
def channel() -> Iterator[Channel]:
    """The API of an environment."""
    found = runtime_api.open_channel("env")
    yield found
    runtime_api.close(found)


async def call(method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], Any]:
    """The answer to one request of the program."""
    sent: list[dict[str, Any]] = []
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in received:
            return message
        await asyncio.sleep(3600)
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def beyond(*_: Any) -> None:
        sent.extend([{"status": 0, "headers": []}, {"body": b"null"}])

    await runtime_api._served(beyond, {"type": "http", "method": method, "path": path}, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, json.loads(sent[1]["body"])


NEXT = "/_runtime/env/2018-06-01/runtime/invocation/next"


def event(channel: Channel) -> Invocation:
    """An invocation that waits for the program."""
    found = Invocation("request-1", "arn:f", {"a": 1}, time.time() + 3)
    channel.give(found)
    return found


def test_an_event_is_given_with_its_metadata_and_answered(channel: Channel) -> None:
    invocation = event(channel)
    status, headers, body = asyncio.run(call("GET", NEXT))
    assert (status, body) == (200, {"a": 1})
    assert headers["lambda-runtime-aws-request-id"] == "request-1"
    assert headers["lambda-runtime-invoked-function-arn"] == "arn:f"
    assert int(headers["lambda-runtime-deadline-ms"]) == int(invocation.deadline * 1000)
    assert channel.asked.is_set()
    answer = NEXT.replace("next", "request-1/response")
    assert asyncio.run(call("POST", answer, b'{"done": true}'))[0] == 202
    assert (invocation.answered.is_set(), invocation.failed, invocation.answer) == (True, False, {"done": True})
    assert asyncio.run(call("POST", answer, b"{}"))[0] == 400


def test_a_program_waits_for_its_event(channel: Channel) -> None:
    async def waiting() -> tuple[int, dict[str, str], Any]:
        asked = asyncio.create_task(call("GET", NEXT))
        await asyncio.to_thread(channel.asked.wait, 5)
        assert not asked.done()
        await asyncio.to_thread(event, channel)
        return await asyncio.wait_for(asked, 5)

    assert asyncio.run(waiting())[2] == {"a": 1}


def test_an_error_is_an_answer_as_well(channel: Channel) -> None:
    invocation = event(channel)
    asyncio.run(call("GET", NEXT))
    error = {"errorType": "E", "errorMessage": "no"}
    asyncio.run(call("POST", NEXT.replace("next", "request-1/error"), json.dumps(error).encode()))
    assert (invocation.failed, invocation.answer) == (True, error)


def test_a_program_that_cannot_begin_says_so(channel: Channel) -> None:
    asyncio.run(call("POST", "/_runtime/env/2018-06-01/runtime/init/error", b'{"errorType": "Init"}'))
    assert channel.asked.is_set()
    assert channel.init_error == {"errorType": "Init"}


def test_other_environments_and_other_paths_are_not_served(channel: Channel) -> None:
    assert asyncio.run(call("GET", NEXT.replace("env", "other")))[0] == 404
    assert asyncio.run(call("GET", "/2018-06-01/runtime/invocation/next"))[0] == 0  # AWS's API is behind
