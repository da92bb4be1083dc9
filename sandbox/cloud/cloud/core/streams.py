"""Carry bytes between two connections."""

import asyncio
import contextlib

_CHUNK = 64 * 1024


# The connections that are served. The event loop itself forgets the task of a connection that has closed, although
# the other side of it is still open.
_served: set[asyncio.Task[None]] = set()


def hold() -> None:
    """Keep the current task until it is done."""
    if task := asyncio.current_task():
        _served.add(task)
        task.add_done_callback(_served.discard)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what arrives until its end."""
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what a client sends, then its end, in whatever way it comes."""
    with contextlib.suppress(OSError):
        await pump(reader, writer)
    with contextlib.suppress(OSError):
        writer.write_eof()


async def exchange(
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    target: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Carry both ways until the target has ended its side; the target's connection is closed then."""
    upload = asyncio.create_task(send(client[0], target[1]))
    try:
        await pump(target[0], client[1])
    finally:
        upload.cancel()
        await asyncio.gather(upload, return_exceptions=True)
        target[1].close()
