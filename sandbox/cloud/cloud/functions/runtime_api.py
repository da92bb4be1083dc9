"""The API by which a function's program gets its events and gives its answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. It is served beside AWS's API: a program finds it, as
on AWS, however its network is made.
"""

import asyncio
import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from ministack import app

from cloud.core import patch

PREFIX = "/_runtime/"
_NEXT = re.compile(rf"{PREFIX}(?P<id>[\w-]+)/2018-06-01/runtime/invocation/next")
_ANSWER = re.compile(
    rf"{PREFIX}(?P<id>[\w-]+)/2018-06-01/runtime/invocation/(?P<request>[\w-]+)/(?P<kind>response|error)"
)
_INIT_ERROR = re.compile(rf"{PREFIX}(?P<id>[\w-]+)/2018-06-01/runtime/init/error")


@dataclass
class Invocation:
    """An event for the program, and what became of it."""

    request: str
    arn: str
    event: Any
    deadline: float
    answered: threading.Event = field(default_factory=threading.Event)
    failed: bool = False
    answer: Any = None

    def end(self, failed: bool, answer: Any) -> None:
        """Say how it went."""
        self.failed, self.answer = failed, answer
        self.answered.set()


@dataclass
class Channel:
    """The API of one execution environment."""

    id: str
    asked: threading.Event = field(default_factory=threading.Event)  # the program is there
    init_error: Any = None
    waiting: Invocation | None = None
    running: Invocation | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, invocation: Invocation) -> None:
        """Hand an event to the program, which asks for it."""
        self.waiting = invocation
        if self._loop:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def next(self) -> Invocation:
        """The next event, when there is one."""
        self._loop = asyncio.get_running_loop()
        self.asked.set()
        while (found := self.waiting) is None:
            await self._wake.wait()
            self._wake.clear()
        self.waiting, self.running = None, found
        return found


_channels: dict[str, Channel] = {}


def open_channel(name: str) -> Channel:
    """The API of a new environment."""
    return _channels.setdefault(name, Channel(name))


def close(channel: Channel) -> None:
    """Serve an environment no more."""
    _channels.pop(channel.id, None)


async def _served(old: Any, scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
        await old(scope, receive, send)
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    status, headers, text = await _answered(scope["method"], scope["path"], body, receive)
    sent = [(b"content-type", b"application/json"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": text})


Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


async def _answered(method: str, path: str, body: bytes, receive: Any) -> Answer:
    if method == "GET" and (found := _NEXT.fullmatch(path)) and (channel := _channels.get(found["id"])):
        return await _next(channel, receive)
    if method == "POST" and (found := _ANSWER.fullmatch(path)) and (channel := _channels.get(found["id"])):
        invocation = channel.running
        if invocation is None or invocation.request != found["request"]:
            return 400, [], b'{"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}'
        channel.running = None
        invocation.end(found["kind"] == "error", _parsed(body))
        return 202, [], b'{"status": "OK"}'
    if method == "POST" and (found := _INIT_ERROR.fullmatch(path)) and (channel := _channels.get(found["id"])):
        channel.init_error = _parsed(body)
        channel.asked.set()
        return 202, [], b'{"status": "OK"}'
    return 404, [], b"{}"


async def _next(channel: Channel, receive: Any) -> Answer:
    event, gone = asyncio.create_task(channel.next()), asyncio.create_task(receive())
    await asyncio.wait((event, gone), return_when=asyncio.FIRST_COMPLETED)
    if not event.done():
        event.cancel()
        return 410, [], b"{}"
    gone.cancel()
    invocation = event.result()
    headers = {
        "lambda-runtime-aws-request-id": invocation.request,
        "lambda-runtime-deadline-ms": str(int(invocation.deadline * 1000)),
        "lambda-runtime-invoked-function-arn": invocation.arn,
    }
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return 200, sent, json.dumps(invocation.event).encode()


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


def install() -> None:
    """Serve it before calls of AWS's API are judged."""
    patch.wrap(app, "app", _served, "scope receive send")
