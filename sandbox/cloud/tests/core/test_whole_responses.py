"""The head of a response leaves together with what follows it."""

import asyncio
from typing import Any

import h11
import pytest
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol

from cloud.core import whole_responses


class Connection:
    """What an H11Protocol needs for sending: h11's state machine after a request, and a record of the writes."""

    def __init__(self) -> None:
        self.connection = h11.Connection(h11.SERVER)
        self.connection.receive_data(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert isinstance(self.connection.next_event(), h11.Request)
        assert isinstance(self.connection.next_event(), h11.EndOfMessage)
        self.writes: list[bytes] = []

    async def send(self, event: Any) -> None:
        """Record one write."""
        assert isinstance(event, RawData)
        self.writes.append(event.data)


def answer(*bodies: bytes) -> list[bytes]:
    """The writes of a response with these pieces of a body."""
    length = str(sum(map(len, bodies))).encode()
    events: list[Any] = [h11.Response(status_code=200, headers=[(b"content-length", length)])]
    events += [h11.Data(data=body) for body in bodies] + [h11.EndOfMessage()]
    connection = Connection()

    async def send_all() -> None:
        for event in events:
            await H11Protocol._send_h11_event(connection, event)  # type: ignore[arg-type]

    asyncio.run(send_all())
    return [written for written in connection.writes if written]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(H11Protocol, "_send_h11_event", H11Protocol._send_h11_event)
    whole_responses.install()


def test_the_head_goes_with_the_first_piece_of_the_body() -> None:
    first, second = answer(b"one", b"two")
    assert first.startswith(b"HTTP/1.1 200") and first.endswith(b"\r\n\r\none")
    assert second == b"two"


def test_a_head_without_a_body_is_sent_at_the_end() -> None:
    (only,) = answer()
    assert only.startswith(b"HTTP/1.1 200") and only.endswith(b"\r\n\r\n")
