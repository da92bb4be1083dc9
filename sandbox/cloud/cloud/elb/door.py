"""One stack's way to its load balancer from the machine: ``python -m cloud.elb.door STACK``.

The machine publishes one port per stack, each by a container of its own that runs this program: a port can be published
only when its container is made, and the emulator stays as it is while stacks come. What arrives is passed on to the
front door (``cloud.elb.front_door``) behind one line that names the stack.
"""

import asyncio
import subprocess
import sys
from dataclasses import dataclass

from cloud.core import settings
from cloud.ecs import forward

_STACK, _BALANCER = "STACK", "BALANCER"
_END = b"\n"
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Greeting:
    """By which way a request has come: the door of a stack, or a port of a load balancer, and there from where."""

    stack: str = ""
    balancer: str = ""
    port: int = 0
    client: str = ""


def greeting(stack: str) -> bytes:
    """The line that comes before a request for the stack."""
    return f"{_STACK} {stack}".encode() + _END


def arrival(balancer: str, port: int, client: str) -> bytes:
    """The line that comes before a request that a load balancer was sent."""
    return f"{_BALANCER} {balancer} {port} {client}".encode() + _END


async def greeted(reader: asyncio.StreamReader) -> tuple[Greeting, bytes]:
    """The greeting that comes before anything else, or none, and what else has come; nothing of either is the end."""
    came = await reader.read(_CHUNK)
    if not came.startswith((_STACK.encode() + b" ", _BALANCER.encode() + b" ")):
        return Greeting(), came
    if _END not in came:
        came += await reader.readline()
    line, _, rest = came.partition(_END)
    kind, *words = line.decode().split(" ")
    return (Greeting(words[0]) if kind == _STACK else Greeting("", words[0], int(words[1]), words[2])), rest


def main(stack: str) -> None:
    """Serve for good."""
    subprocess.run(settings.TASK_ROUTE.split(), check=True)
    port = settings.front_door_port()
    asyncio.run(forward.serve(port, (settings.TASK_ENDPOINT, port), host="0.0.0.0", first=greeting(stack)))


if __name__ == "__main__":
    main(sys.argv[1])
