"""Wait for the end of a container by asking for its state.

An engine's streams are no proof of an end: Podman's may stay open for good when a container ends while somebody begins
to follow its output, and an answer to "wait" that takes longer than the client's limit is an error.
"""

import time
from collections.abc import Callable
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
