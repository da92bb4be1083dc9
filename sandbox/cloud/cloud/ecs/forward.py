"""Give a task an AWS endpoint that the machine's browser reaches too: ``python -m cloud.ecs.forward PORT``.

A presigned link holds the address of the endpoint, and its signature covers it
(https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). On AWS that is a public name. Here it is
127.0.0.1 and the port at which the machine serves the API: in a task this program listens there and passes on.
"""

import asyncio
import contextlib
import sys

from cloud.core import settings, streams

READY = "ready"


async def serve(port: int, target: tuple[str, int]) -> None:
    """Pass on to an address of the emulator for good, and say when that begins."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams.hold()
        with contextlib.suppress(OSError):
            emulator = await asyncio.open_connection(*target)
            await streams.exchange((reader, writer), emulator)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", port)
    print(READY, flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), (settings.TASK_ENDPOINT, settings.gateway_port())))
