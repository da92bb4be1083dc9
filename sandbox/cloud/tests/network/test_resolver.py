"""The resolver of VPCs answers although the bridge's is away for an instant."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from cloud.network import resolver

QUESTION = b"\x00\x01\x01\x00"
ANSWER, SERVFAIL = b"\x00\x01\x81\x80", b"\x00\x01\x81\x82"


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """The bridge's resolver: it is there from when it is bound again."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        found.setblocking(False)
        yield found


def asked(server: socket.socket, *answers: bytes) -> bytes | None:
    """What the resolver answers while the server gives these, one a question, and then nothing."""

    async def serve() -> None:
        for answer in answers:
            _, client = await asyncio.get_running_loop().sock_recvfrom(server, 512)
            server.sendto(answer, client)

    async def both() -> bytes | None:
        serving = asyncio.create_task(serve())
        answer = await resolver.ask(QUESTION, *server.getsockname())
        serving.cancel()
        return answer

    return asyncio.run(both())


def test_an_answer_is_passed_on(server: socket.socket) -> None:
    assert asked(server, ANSWER) == ANSWER


def test_a_server_that_fails_is_asked_again(server: socket.socket) -> None:
    assert asked(server, SERVFAIL, ANSWER) == ANSWER


def test_while_the_server_is_away_it_is_answered_what_it_said_before() -> None:
    other = b"\x00\x02"

    async def asked_twice() -> tuple[bytes | None, bytes | None]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.setblocking(False)
            server.bind(("127.0.0.1", 0))
            found = resolver.Resolver(*server.getsockname())
            asking = asyncio.create_task(found.answer(QUESTION))
            _, client = await asyncio.get_running_loop().sock_recvfrom(server, 512)
            server.sendto(ANSWER, client)
            first = await asking
        return first, await found.answer(other + QUESTION[2:])

    assert asyncio.run(asked_twice()) == (ANSWER, other + ANSWER[2:])


def test_a_server_that_is_away_is_asked_until_it_is_back() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.bind(("127.0.0.1", 0))
        address = back.getsockname()

    async def comes_back() -> bytes | None:
        asking = asyncio.create_task(resolver.ask(QUESTION, *address))
        await asyncio.sleep(resolver._PAUSE_SECONDS)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.setblocking(False)
            server.bind(address)
            _, client = await asyncio.get_running_loop().sock_recvfrom(server, 512)
            server.sendto(ANSWER, client)
            return await asking

    assert asyncio.run(comes_back()) == ANSWER


def test_nothing_is_answered_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "_PAUSE_SECONDS", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        address = gone.getsockname()
    assert asyncio.run(resolver.ask(QUESTION, *address)) is None
