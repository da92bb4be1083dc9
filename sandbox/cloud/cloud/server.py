"""Serve the emulated AWS, also at the address where AWS serves the credentials of tasks."""

import logging
import subprocess

from cloud import settings

log = logging.getLogger("cloud.server")
_IDLE_SECONDS = 24 * 3600


def run() -> None:
    """Serve until the process is asked to end."""
    from ministack import app

    from cloud import front_door

    _keep_connections()
    _take_task_endpoint()
    if settings.network():
        front_door.start(settings.front_door_port())
    app.main()


def _keep_connections() -> None:
    """Leave it to clients to close idle connections.

    A server that closes one while a request arrives on it carries the request out and cannot answer; the client
    repeats it, and what was created exists already. SDKs close theirs after 90 s, MiniStack after 75.
    """
    from hypercorn import config

    class Patient(config.Config):
        keep_alive_max_requests = 10**9

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, _IDLE_SECONDS if name == "keep_alive_timeout" else value)

    config.Config = Patient  # type: ignore[misc]


def _take_task_endpoint() -> None:
    """Give this container the link-local address; outside of a sandbox's container there is no network to do so."""
    if not settings.network():
        return
    address = f"{settings.TASK_ENDPOINT}/32"
    command = ["ip", "addr", "replace", address, "dev", "eth0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"take the address {address}: {done.stderr.strip()} (the container needs NET_ADMIN)")
    log.info("serving task credentials at %s", settings.TASK_ENDPOINT)
