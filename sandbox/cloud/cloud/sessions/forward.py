"""The agent's end of port forwarding, in the network of the task: ``python -m cloud.sessions.forward HOST PORT``.

The plugin puts many connections into one session by smux, whose frames (https://github.com/xtaci/smux, frame.go,
version 1) come on standard input and go to standard output. Each stream is a connection from here, so that the task's
own network decides where it gets to; one that fails is told on standard error.
"""

import asyncio
import contextlib
import struct
import sys

_HEAD = struct.Struct("<BBHI")
_VERSION, _OPEN, _END, _DATA = 1, 0, 1, 2
_CHUNK = 32 * 1024


class Forwarder:
    """The streams of one session."""

    def __init__(self, host: str, port: int, out: asyncio.StreamWriter) -> None:
        """Connect to ``host`` and ``port``, and write frames to ``out``."""
        self.host, self.port, self.out = host, port, out
        self.streams: dict[int, asyncio.Queue[bytes]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Take frames until their end."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                _, command, length, stream = _HEAD.unpack(await reader.readexactly(_HEAD.size))
                data = await reader.readexactly(length)
                if command == _OPEN:
                    self.streams[stream] = asyncio.Queue()
                    task = asyncio.create_task(self._carry(stream, self.streams[stream]))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
                elif command in (_DATA, _END) and stream in self.streams:
                    self.streams[stream].put_nowait(data)  # an empty one is the end

    async def _carry(self, stream: int, queue: asyncio.Queue[bytes]) -> None:
        try:
            reader, writer = await asyncio.open_connection(self.host, self.port)
        except OSError as error:
            print(f"connect to {self.host}:{self.port}: {error}", file=sys.stderr, flush=True)
        else:
            upload = asyncio.create_task(_write(queue, writer))
            with contextlib.suppress(OSError):
                while chunk := await reader.read(_CHUNK):
                    await self._frame(_DATA, stream, chunk)
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)
            writer.close()
        del self.streams[stream]
        await self._frame(_END, stream)

    async def _frame(self, command: int, stream: int, data: bytes = b"") -> None:
        self.out.write(_HEAD.pack(_VERSION, command, len(data), stream) + data)
        await self.out.drain()


async def _write(queue: asyncio.Queue[bytes], writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await queue.get():
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _main(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    await Forwarder(host, port, asyncio.StreamWriter(transport, protocol, None, loop)).serve(reader)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
