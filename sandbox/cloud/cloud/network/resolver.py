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
_ATTEMPTS = 8
_ANSWER_SECONDS = 0.5
_PAUSE_SECONDS = 0.1
_SIZE = 4096
_SERVFAIL = 2


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


async def ask(question: bytes, server: str, port: int = PORT) -> bytes | None:
    """The answer of a server; None when it gives none for seconds."""
    loop, answer = asyncio.get_running_loop(), None
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.connect((server, port))
            await loop.sock_sendall(asking, question)
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await loop.sock_recv(asking, _SIZE)
            if answer[3] & 0xF != _SERVFAIL:
                return answer
        await asyncio.sleep(_PAUSE_SECONDS)
    return answer


class _Questions(asyncio.DatagramProtocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.ensure_future(self._answer(data, addr))

    async def _answer(self, question: bytes, client: tuple[str, int]) -> None:
        streams.hold()
        if answer := await ask(question, bridge()):
            self.transport.sendto(answer, client)


async def _serve() -> None:
    await asyncio.get_running_loop().create_datagram_endpoint(_Questions, local_addr=(own_address(), PORT))
    await asyncio.Event().wait()


def install() -> None:
    """Answer on the bridge."""
    if settings.network() and not _is_dockers():
        threading.Thread(target=lambda: asyncio.run(_serve()), daemon=True, name="resolver").start()
