"""One stack's way to its load balancer from the machine: ``python -m cloud.elb.door STACK``.

The machine publishes one port per stack, each by a container of its own that runs this program: a port can be published
only when its container is made, and the emulator stays as it is while stacks come. What arrives is passed on to the
front door (``cloud.elb.front_door``) behind one line that names the stack.
"""

import asyncio
import subprocess
import sys

from cloud.core import settings
from cloud.ecs import forward

_GREETING = b"STACK "
_END = b"\n"
_CHUNK = 64 * 1024


def greeting(stack: str) -> bytes:
    """The line that comes before a request for the stack."""
    return _GREETING + stack.encode() + _END


async def greeted(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The stack that is named before anything else, or none, and what else has come; nothing of either is the end."""
    came = await reader.read(_CHUNK)
    if not came.startswith(_GREETING):
        return "", came
    if _END not in came:
        came += await reader.readline()
    line, _, rest = came.partition(_END)
    return line.removeprefix(_GREETING).decode(), rest


def main(stack: str) -> None:
    """Serve for good."""
    subprocess.run(settings.TASK_ROUTE.split(), check=True)
    port = settings.front_door_port()
    asyncio.run(forward.serve(port, port, host="0.0.0.0", first=greeting(stack)))


if __name__ == "__main__":
    main(sys.argv[1])
