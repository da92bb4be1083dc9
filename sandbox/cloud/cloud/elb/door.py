"""The machine's way to a load balancer on the internet: ``python -m cloud.elb.door BALANCER PORT [NAME]``.

The machine is outside of every VPC. This program runs in a container of its own on the sandbox's bridge, which stands
for the internet, behind a port of the machine, and connects to the balancer by its name. One that speaks TLS has to
show a certificate for NAME.
"""

import asyncio
import contextlib
import ssl
import sys
import urllib.request

from cloud.core import settings, streams


async def serve(port: int, balancer: tuple[str, int], name: str = "", authority: str = "") -> None:
    """Pass on to a balancer for good."""
    trust = ssl.create_default_context(cadata=authority) if name else None

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams.hold()
        with contextlib.suppress(OSError):
            target = await asyncio.open_connection(*balancer, ssl=trust, server_hostname=name or None)
            await streams.exchange((reader, writer), target)
        writer.close()

    server = await asyncio.start_server(handle, "0.0.0.0", port)
    async with server:
        await server.serve_forever()


def main(balancer: str, port: str, name: str = "") -> None:
    """Serve at the port that the container publishes."""
    address = f"http://{settings.emulator()}:{settings.gateway_port()}/_sandbox/authority"
    authority = urllib.request.urlopen(address).read().decode() if name else ""
    asyncio.run(serve(settings.front_door_port(), (balancer, int(port)), name, authority))


if __name__ == "__main__":
    main(*sys.argv[1:])
