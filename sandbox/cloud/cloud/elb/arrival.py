"""What a load balancer's place in its VPC tells the emulator of a connection, before it passes it on."""

import asyncio
from dataclasses import dataclass

_WORD = "BALANCER"


@dataclass(frozen=True)
class Arrival:
    """To which balancer and port a connection has come, and from where."""

    balancer: str
    port: int
    client: str

    def line(self) -> bytes:
        """The line that comes before all that the client says."""
        return f"{_WORD} {self.balancer} {self.port} {self.client}\n".encode()


async def read(reader: asyncio.StreamReader) -> Arrival | None:
    """The line that comes first; None where there is none."""
    word, *rest = (await reader.readline()).decode(errors="replace").split() or [""]
    return Arrival(rest[0], int(rest[1]), rest[2]) if word == _WORD else None
