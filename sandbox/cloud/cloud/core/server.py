"""Serve the emulated AWS, also at the address where AWS serves the credentials of tasks."""

import logging
import subprocess

from cloud.core import settings

log = logging.getLogger(__name__)


def run() -> None:
    """Serve until the process is asked to end."""
    from ministack.app import main

    from cloud.elb import front_door

    _take_task_endpoint()
    if settings.network():
        front_door.start(settings.front_door_port())
    main()


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
