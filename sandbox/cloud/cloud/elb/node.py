"""The place of one load balancer in its VPC: ``python -m cloud.elb.node ARN``.

https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html: clients
connect to the balancer's addresses, and its requests and health checks come from there. This program, in a container
that has the addresses, hands what it is sent to the emulator, and opens connections that the emulator asks for.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
import tempfile

from cloud.core import settings, streams
from cloud.elb.arrival import Arrival

CONTROL_PORT = 1
LISTEN, DIAL = "LISTEN", "DIAL"
READY, LATE, REFUSED = "ready", "late", "refused"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Node:
    """The listeners of a load balancer."""

    def __init__(self, balancer: str) -> None:
        self.balancer = balancer
        self.servers: dict[tuple[int, str], asyncio.Server] = {}

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One order of the emulator: what to listen on, or what to connect to."""
        streams.hold()
        with contextlib.suppress(OSError):
            order, _, rest = (await reader.readline()).decode().partition(" ")
            words = rest.split()
            if order == LISTEN:
                await self.listen({(port, identity) for port, identity in json.loads(rest)})
                writer.write(f"{READY}\n".encode())
                await writer.drain()
            elif order == DIAL:
                await self.dial((reader, writer), words[0], int(words[1]), float(words[2]))
        writer.close()

    async def listen(self, listeners: set[tuple[int, str]]) -> None:
        """Serve these ports and no others, with TLS those that have an identity: a key and a certificate."""
        for each in set(self.servers) - listeners:
            self.servers.pop(each).close()
        for port, identity in listeners - set(self.servers):
            context = secured(identity) if identity else None
            self.servers[port, identity] = await asyncio.start_server(self.arrived, "0.0.0.0", port, ssl=context)

    async def arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand a client's connection to the emulator."""
        streams.hold()
        with contextlib.suppress(OSError):
            port, client = writer.get_extra_info("sockname")[1], writer.get_extra_info("peername")[0]
            target = await asyncio.open_connection(settings.TASK_ENDPOINT, settings.front_door_port())
            target[1].write(Arrival(self.balancer, port, client).line())
            await streams.exchange((reader, writer), target)
        writer.close()

    async def dial(self, emulator: Streams, host: str, port: int, seconds: float) -> None:
        """Connect to a target and say how that went, then carry both ways."""
        try:
            target = await asyncio.wait_for(asyncio.open_connection(host, port), seconds)
        except OSError as error:  # TimeoutError is one
            emulator[1].write(f"{LATE if isinstance(error, TimeoutError) else REFUSED}\n".encode())
            await emulator[1].drain()
            return
        emulator[1].write(f"{READY}\n".encode())
        await streams.exchange(emulator, target)


def secured(identity: str) -> ssl.SSLContext:
    """How a server speaks TLS with a key and a certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(identity)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _own_address() -> str:
    """This container's address on the bridge, at which clients in the VPC do not arrive."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((settings.TASK_ENDPOINT, CONTROL_PORT))  # nothing is sent
        return str(probe.getsockname()[0])


async def serve(balancer: str) -> None:
    """Serve for good."""
    server = await asyncio.start_server(Node(balancer).control, _own_address(), CONTROL_PORT)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
