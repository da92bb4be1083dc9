"""A session: what the client and the agent say to each other on the data channel.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html, and for
the order of what is said https://github.com/aws/session-manager-plugin/tree/mainline/src/datachannel: the agent asks
for a type of session, the client agrees, then data go both ways until one of them ends.
"""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cloud.sessions import messages
from cloud.sessions.channel import Channel
from cloud.sessions.messages import Flag, Message, Payload
from cloud.sessions.process import ERROR, Process

log = logging.getLogger(__name__)
# Several connections in one session take 3.0.196, and no keep-alive 3.1.1511 (config.go of the plugin).
_AGENT_VERSION = "3.3.2299.0"
# How much the agent puts into one message (StreamDataPayloadSize of the plugin).
_PIECE = 1024
_CLIENT_PATIENCE = 30


@dataclass
class Session:
    """A session that was started; ``terminal`` says that it is a shell."""

    id: str
    target: str
    process: Process
    terminal: bool
    properties: dict[str, Any] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def type(self) -> str:
        """The type as the agent names it."""
        return "InteractiveCommands" if self.terminal else "Port"

    async def serve(self, receive: Callable[[], Awaitable[bytes]], send: Callable[[bytes], Awaitable[None]]) -> None:
        """Speak with the client until either side ends; ConnectionError when the client is gone."""
        channel = Channel(send)
        jobs: list[asyncio.Task[Any]] = [asyncio.create_task(channel.repeat())]
        try:
            await asyncio.wait_for(self._shake_hands(channel, receive), _CLIENT_PATIENCE)
            await asyncio.to_thread(self.process.start)
            for job in (self._upload(channel, receive), self._download(channel), self._ended.wait()):
                jobs.append(asyncio.create_task(job))
            await asyncio.wait(jobs[1:], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.process.end()
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        await send(messages.closed(self.id, self.target).encode())

    def end(self) -> None:
        """End the session."""
        self._ended.set()

    async def _shake_hands(self, channel: Channel, receive: Callable[[], Awaitable[bytes]]) -> None:
        wanted = {"SessionType": self.type, "Properties": self.properties}
        request = {
            "AgentVersion": _AGENT_VERSION,
            "RequestedClientActions": [{"ActionType": "SessionType", "ActionParameters": wanted}],
        }
        await channel.put(Payload.HANDSHAKE_REQUEST, json.dumps(request).encode())
        while True:
            message = await channel.take(await receive())
            if message is not None and message.payload_type == Payload.HANDSHAKE_RESPONSE:
                break
        complete = {"HandshakeTimeToComplete": 1_000_000, "CustomerMessage": ""}
        await channel.put(Payload.HANDSHAKE_COMPLETE, json.dumps(complete).encode())

    async def _upload(self, channel: Channel, receive: Callable[[], Awaitable[bytes]]) -> None:
        """Give the process what the client sends."""
        with contextlib.suppress(ConnectionError):
            while True:
                message = await channel.take(await receive())
                if message is None:
                    continue
                if message.payload_type == Payload.FLAG and message.payload == Flag.TERMINATE_SESSION.payload():
                    return
                await self._use(message)

    async def _use(self, message: Message) -> None:
        if message.payload_type == Payload.DATA:
            await self.process.write(message.payload)
        elif message.payload_type == Payload.SIZE and self.terminal:
            size = message.content()
            await asyncio.to_thread(self.process.resize, int(size.get("cols", 80)), int(size.get("rows", 24)))

    async def _download(self, channel: Channel) -> None:
        """Send the client what the process says, until its end."""
        while True:
            stream, data = await self.process.read()
            if not data:
                await channel.drained()
                return
            if stream == ERROR:
                log.warning("session %s: %s", self.id, data.decode(errors="replace").strip())
                await channel.put(Payload.FLAG, Flag.CONNECT_TO_PORT_ERROR.payload())
                continue
            for start in range(0, len(data), _PIECE):
                await channel.put(Payload.DATA, data[start : start + _PIECE])
