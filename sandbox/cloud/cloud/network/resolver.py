"""The resolver of every VPC: it asks the bridge's own until that answers.

https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html: the resolver of a VPC is there always.
Podman's (aardvark-dns) knows the names of the bridge, and is away for an instant whenever a container of any network
comes or goes. What the machine itself asks, which Podman names beside it, knows none of them and says so.
"""

import asyncio
import contextlib
import functools
import socket
import threading
from pathlib import Path
from typing import Any

from cloud.core import settings, streams

PORT = 53
_ATTEMPTS, _ATTEMPTS_OF_KNOWN = 8, 2
_ANSWER_SECONDS = 0.5
_PAUSE_SECONDS = 0.1
_SIZE = 4096
_CODE, _NOERROR, _SERVFAIL = 0xF, 0, 2


@functools.lru_cache(maxsize=1)
def bridge() -> str:
    """Who resolves names on the bridge."""
    lines = Path("/etc/resolv.conf").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("nameserver "))


@functools.lru_cache(maxsize=1)
def own_address() -> str:
    """This container's own address on the bridge."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent
        return str(probe.getsockname()[0])


def _is_dockers() -> bool:
    """Docker's resolver is an address of each container's own, and never away."""
    return bridge().startswith("127.")


def addresses() -> tuple[str, ...]:
    """Whom containers ask: this resolver, and the bridge's while the emulator is away."""
    return (bridge(),) if _is_dockers() else (own_address(), bridge())


def options() -> dict[str, list[str]]:
    """How a container is told so."""
    return {} if _is_dockers() else {"dns": list(addresses()), "dns_opt": ["timeout:2", "attempts:5"]}


async def ask(question: bytes, server: str, port: int = PORT, attempts: int = _ATTEMPTS) -> bytes | None:
    """The answer of a server; None when it gives none, or says that it cannot."""
    loop = asyncio.get_running_loop()
    for _ in range(attempts):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.connect((server, port))
            await loop.sock_sendall(asking, question)
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await loop.sock_recv(asking, _SIZE)
            if answer[3] & _CODE != _SERVFAIL:
                return answer
        await asyncio.sleep(_PAUSE_SECONDS)
    return None


class Resolver:
    """Asks a server, and gives its last answer while it gives none (RFC 8767)."""

    def __init__(self, server: str, port: int = PORT) -> None:
        self.server, self.port = server, port
        # By what follows the number that begins each message.
        self.last: dict[bytes, bytes] = {}

    async def answer(self, question: bytes) -> bytes | None:
        """What the server says, or said; None when it never did."""
        known = self.last.get(question[2:])
        found = await ask(question, self.server, self.port, _ATTEMPTS_OF_KNOWN if known else _ATTEMPTS)
        if found is None:
            return known and question[:2] + known
        if found[3] & _CODE == _NOERROR:
            self.last[question[2:]] = found[2:]
        return found


class _Questions(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.resolver = Resolver(bridge())

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.ensure_future(self._answer(data, addr))

    async def _answer(self, question: bytes, client: tuple[str, int]) -> None:
        streams.hold()
        if answer := await self.resolver.answer(question):
            self.transport.sendto(answer, client)


async def _serve() -> None:
    await asyncio.get_running_loop().create_datagram_endpoint(_Questions, local_addr=(own_address(), PORT))
    await asyncio.Event().wait()


def install() -> None:
    """Answer on the bridge."""
    if settings.network() and not _is_dockers():
        threading.Thread(target=lambda: asyncio.run(_serve()), daemon=True, name="resolver").start()
