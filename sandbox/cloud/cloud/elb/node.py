"""The place of one load balancer in its VPC: ``python -m cloud.elb.node ARN``.

https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html: clients
connect to the balancer's addresses, and its requests and health checks come from there. This program, in a container
that has the addresses, hands what it is sent to the emulator, and opens connections that the emulator asks for.
"""

import asyncio
import contextlib
import socket
import sys

from cloud.core import settings, streams
from cloud.elb import door

CONTROL_PORT = 1
LISTEN, DIAL = "LISTEN", "DIAL"
READY, LATE, REFUSED = "ready", "late", "refused"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Node:
    """The listeners of a load balancer."""

    def __init__(self, balancer: str) -> None:
        self.balancer = balancer
        self.servers: dict[int, asyncio.Server] = {}

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One order of the emulator: which ports to listen on, or what to connect to."""
        streams.hold()
        with contextlib.suppress(OSError):
            order, *words = (await reader.readline()).decode().split()
            if order == LISTEN:
                await self.listen({int(each) for each in words})
                writer.write(f"{READY}\n".encode())
                await writer.drain()
            elif order == DIAL:
                await self.dial((reader, writer), words[0], int(words[1]), float(words[2]))
        writer.close()

    async def listen(self, ports: set[int]) -> None:
        """Serve these ports and no others."""
        for port in set(self.servers) - ports:
            self.servers.pop(port).close()
        for port in ports - set(self.servers):
            self.servers[port] = await asyncio.start_server(self.arrived, "0.0.0.0", port)

    async def arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand a client's connection to the emulator."""
        streams.hold()
        with contextlib.suppress(OSError):
            port, client = writer.get_extra_info("sockname")[1], writer.get_extra_info("peername")[0]
            target = await asyncio.open_connection(settings.TASK_ENDPOINT, settings.front_door_port())
            target[1].write(door.arrival(self.balancer, port, client))
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
