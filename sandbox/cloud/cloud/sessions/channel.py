"""The service's end of a data channel: what is sent stays until it is acknowledged.

https://github.com/aws/session-manager-plugin/blob/mainline/src/datachannel/streaming.go: both ends number what they
send, acknowledge what they take, and repeat what was not acknowledged. The plugin drops what comes before its local
port is open.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from cloud.sessions.messages import ACKNOWLEDGE, INPUT, OUTPUT, Message, decode

_REPEAT_SECONDS = 0.5
# How much may be on its way.
_WINDOW = 512


class Channel:
    """One data channel."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send by ``send``."""
        self._send = send
        self._next, self._expected = 0, 0
        self._waiting: dict[int, tuple[bytes, float]] = {}
        self._room = asyncio.Condition()

    async def put(self, payload_type: int, payload: bytes) -> None:
        """Send a payload, and again until it is acknowledged; waits while too much is on its way."""
        async with self._room:
            await self._room.wait_for(lambda: len(self._waiting) < _WINDOW)
            raw = Message(OUTPUT, self._next, payload_type, payload).encode()
            self._waiting[self._next] = (raw, time.monotonic())
            self._next += 1
            await self._send(raw)

    async def take(self, raw: bytes) -> Message | None:
        """The message in the bytes when it is the next one of the client's data."""
        message = decode(raw)
        if message.kind == ACKNOWLEDGE:
            async with self._room:
                self._waiting.pop(message.content().get("AcknowledgedMessageSequenceNumber", -1), None)
                self._room.notify_all()
            return None
        if message.kind != INPUT or message.sequence > self._expected:
            return None  # the client sends it again
        await self._send(message.acknowledgement().encode())
        if message.sequence < self._expected:
            return None
        self._expected += 1
        return message

    async def repeat(self) -> None:
        """Send again what was not acknowledged, for good."""
        while True:
            await asyncio.sleep(_REPEAT_SECONDS)
            due = time.monotonic() - _REPEAT_SECONDS
            for number, (raw, sent) in list(self._waiting.items()):
                if sent > due or number not in self._waiting:
                    continue
                self._waiting[number] = (raw, time.monotonic())
                await self._send(raw)

    async def drained(self) -> None:
        """Wait until all is acknowledged."""
        async with self._room:
            await self._room.wait_for(lambda: not self._waiting)
