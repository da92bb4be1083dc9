"""Wait for the end of a container by asking for its state.

An engine's streams are no proof of an end: Podman's may stay open for good when a container ends while somebody begins
to follow its output, and an answer to "wait" that takes longer than the client's limit is an error.
"""

import struct
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

_POLL_SECONDS = 0.2
_ENDED = ("exited", "stopped", "dead")


def exit_code(container: Any, wanted: Callable[[], bool] = lambda: True) -> int | None:
    """Wait until a container has ended and answer its exit code; None when nobody wants it any more."""
    while wanted():
        container.reload()
        if container.status in _ENDED:
            return int(container.attrs["State"]["ExitCode"])
        time.sleep(_POLL_SECONDS)
    return None


def until_it_speaks(container: Any) -> None:
    """Wait for a container's first line, or its end."""
    while not container.logs(tail=1):
        container.reload()
        if container.status in _ENDED:
            return
        time.sleep(_POLL_SECONDS)


def follow(container: Any, since: int) -> Iterator[list[bytes]]:
    """The lines of a container from the second ``since`` on, as they come: each of its two streams has its own.

    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach has the form of
    what the engine sends: before each part a byte that names the stream, three of zero, and the part's length.
    """
    api = container.client.api
    address = f"{api.base_url}/v{api.api_version}/containers/{container.id}/logs"
    wanted = {"stdout": 1, "stderr": 1, "follow": 1, "since": since}
    rests: defaultdict[int, bytes] = defaultdict(bytes)
    with api.get(address, params=wanted, stream=True, timeout=None) as answer:
        answer.raise_for_status()
        while header := answer.raw.read(8):
            stream, length = struct.unpack(">BxxxL", header)
            *lines, rests[stream] = (rests[stream] + answer.raw.read(length)).split(b"\n")
            yield lines
    yield [rest for rest in rests.values() if rest]


def run_to_end(client: Any, image: str, command: list[str], labels: dict[str, str], volumes: Any) -> None:
    """Run a command as root, without a network, and remove its container; RuntimeError when it fails."""
    container = client.containers.create(
        image, command, user="0:0", network_mode="none", labels=labels, volumes=volumes
    )
    try:
        container.start()
        if code := exit_code(container):
            said = container.logs(tail=5).decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(command)} exits with {code}: {said}")
    finally:
        container.remove(force=True, v=True)
