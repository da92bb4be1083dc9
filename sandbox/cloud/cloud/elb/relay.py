"""Carry a request to a target and its answer back.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html: a target that
refuses a connection or ends before it has answered gives 502, one that takes no connection within 10 seconds or says
nothing for the idle timeout gives 504.
"""

import asyncio
import time
from dataclasses import dataclass

import h11

_CHUNK = 64 * 1024
_HEAD_LIMIT = 64 * 1024
_HOP_BY_HOP = (b"connection", b"keep-alive")
BAD_GATEWAY, GATEWAY_TIMEOUT = 502, 504


class Side:
    """One end of an exchange: a connection and the HTTP that is spoken on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: type) -> None:
        self.reader, self.writer = reader, writer
        self.http = h11.Connection(role, max_incomplete_event_size=_HEAD_LIMIT)
        self.received = self.sent = 0  # bytes

    async def event(self) -> h11.Event | type:
        """What the other end says next; RemoteProtocolError when it ends in the midst of it."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            data = await self.reader.read(_CHUNK)
            self.received += len(data)
            self.http.receive_data(data)
        return event

    async def send(self, event: h11.Event) -> None:
        """Say something to the other end."""
        data = self.http.send(event) or b""
        self.sent += len(data)
        self.writer.write(data)
        await self.writer.drain()

    async def body(self) -> bytes:
        """The rest of the other end's message."""
        read = b""
        while isinstance(event := await self.event(), h11.Data):
            read += event.data
        return read

    def reusable(self) -> bool:
        """Whether both ends are ready for another request; from then on they are."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        self.http.start_next_cycle()
        return True


@dataclass(frozen=True)
class Outcome:
    """How a request ended: the target's status, or the balancer's where the target gave none; how long it took."""

    status: int
    by_target: bool
    seconds: float


async def carry(client: Side, target: Side, head: h11.Request, idle_seconds: float) -> Outcome:
    """Carry one request; where the target gives no answer, the client has none yet."""
    upload, begin = None, time.monotonic()
    try:
        try:
            await target.send(head)
            upload = asyncio.create_task(_pass_on(client, target))
            async with asyncio.timeout(idle_seconds):
                answer = await _answer(target)
        except TimeoutError:
            return Outcome(GATEWAY_TIMEOUT, False, time.monotonic() - begin)
        except (OSError, h11.RemoteProtocolError):
            return Outcome(BAD_GATEWAY, False, time.monotonic() - begin)
        outcome = Outcome(answer.status_code, True, time.monotonic() - begin)
        await client.send(answer)
        await _pass_on(target, client)
    finally:
        if upload:
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)
    return outcome


async def _answer(target: Side) -> h11.Response:
    """The head of the target's answer as the client gets it, which sends one request on a connection."""
    while not isinstance(answer := await target.event(), h11.Response):
        if not isinstance(answer, h11.InformationalResponse):
            raise ConnectionError("the target has closed the connection")
    headers = [(name, value) for name, value in answer.headers.raw_items() if name.lower() not in _HOP_BY_HOP]
    return h11.Response(
        status_code=answer.status_code, headers=[*headers, (b"connection", b"close")], reason=answer.reason
    )


async def _pass_on(source: Side, sink: Side) -> None:
    while isinstance(event := await source.event(), h11.Data | h11.EndOfMessage):
        await sink.send(event)
        if isinstance(event, h11.EndOfMessage):
            return
