"""How much processor and memory a container uses, as the engine counts it.

https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerStats.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, NotFound

# Readings closer to each other than this tell no rate; the last one then holds, as when the clock is moved.
_LEAST_SECONDS = 5.0


@dataclass(frozen=True)
class Usage:
    """Processors in use since the reading before (None for the first one), and bytes of memory."""

    processors: float | None
    memory: int


@dataclass(frozen=True)
class _Reading:
    at: float
    processor_seconds: float
    usage: Usage


_readings: dict[str, _Reading] = {}
_lock = threading.Lock()


def of(client: Any, container: str) -> Usage | None:
    """The usage of a container that runs; None when it does not."""
    known = _readings.get(container)
    now = time.monotonic()
    if known and now - known.at < _LEAST_SECONDS:
        return known.usage
    try:
        found = client.api.stats(container, stream=False, one_shot=True)
    except (APIError, NotFound, ValueError):  # Podman says nothing of a container that has ended
        found = {}
    spent = found.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
    if not spent:
        with _lock:
            _readings.pop(container, None)
        return None
    memory = found.get("memory_stats", {})
    # What the page cache holds is not in use: https://docs.docker.com/reference/cli/docker/container/stats/.
    used = int(memory.get("usage", 0)) - int(memory.get("stats", {}).get("inactive_file", 0))
    seconds = spent / 1e9
    rate = max(0.0, (seconds - known.processor_seconds) / (now - known.at)) if known else None
    reading = _Reading(now, seconds, Usage(rate, max(0, used)))
    with _lock:
        _readings[container] = reading
    return reading.usage
