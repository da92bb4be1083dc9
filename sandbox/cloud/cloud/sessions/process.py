"""A process in a container of a task, with its input and output."""

import asyncio
import contextlib
import socket
import struct
from typing import Any

_CHUNK = 16 * 1024
# What the engine puts before each piece of output where there is no terminal: the stream and the length
# (https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach).
_PIECE = struct.Struct(">BxxxI")
OUT, ERROR = 1, 2


class Process:
    """A process that runs as root, as the agent's do."""

    def __init__(self, client: Any, container: str, command: list[str], terminal: bool) -> None:
        """Describe the process; ``terminal`` gives it one."""
        self._client, self._container, self._command, self._terminal = client, container, command, terminal
        self._id = ""
        self._socket: socket.socket | None = None
        self._rest = b""

    def start(self) -> None:
        """Start it; docker.errors.APIError when the container is gone."""
        api = self._client.api
        self._id = api.exec_create(self._container, self._command, stdin=True, tty=self._terminal, user="0:0")["Id"]
        opened = api.exec_start(self._id, tty=self._terminal, socket=True)
        self._socket = getattr(opened, "_sock", opened)
        self._socket.setblocking(False)

    async def write(self, data: bytes) -> None:
        """Give it input; an ended process takes none."""
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._opened(), data)

    async def read(self) -> tuple[int, bytes]:
        """What it says next and where; nothing at its end."""
        if self._terminal:
            return OUT, await self._receive()
        head = await self._exactly(_PIECE.size)
        if len(head) < _PIECE.size:
            return OUT, b""
        stream, length = _PIECE.unpack(head)
        return stream, await self._exactly(length)

    async def _exactly(self, length: int) -> bytes:
        while len(self._rest) < length and (chunk := await self._receive()):
            self._rest += chunk
        found, self._rest = self._rest[:length], self._rest[length:]
        return found

    async def _receive(self) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(self._opened(), _CHUNK)
        except OSError:
            return b""

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise OSError("the process has not been started")
        return self._socket

    def resize(self, columns: int, rows: int) -> None:
        """Tell a terminal its size."""
        self._client.api.exec_resize(self._id, height=rows, width=columns)

    def end(self) -> None:
        """End its input, upon which it ends."""
        if self._socket is not None:
            self._socket.close()
