"""The clock of metrics, alarms and schedules, which somebody may move: POST /_sandbox/clock?advance=SECONDS.

AWS has no call for it, so the path is the sandbox's own. Work that a service does in every period (a sample of a
metric, the evaluation of alarms) is registered here. Moving the clock does what falls due on the way, in its order, so
that ten minutes of a fault take a moment. Credentials, signatures and what runs in containers keep the real time.
"""

import asyncio
import json
import logging
import threading
import time as real
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ministack import app

from cloud.core import patch, settings

log = logging.getLogger(__name__)
PATH = "/_sandbox/clock"
_POLL_SECONDS = 0.5
Work = Callable[[float], None]


@dataclass
class _Job:
    name: str
    period: float
    work: Work
    due: float


_jobs: list[_Job] = []
_running = threading.RLock()
_moved = 0.0


def time() -> float:
    """The time in seconds since 1970."""
    return real.time() + _moved


def ahead() -> float:
    """How far it has been moved, in seconds."""
    return _moved


def every(period: float, name: str, work: Work) -> None:
    """Do something at each full period, with its time; of what is due at one time, the first registered comes first."""
    with _running:
        _jobs.append(_Job(name, period, work, (time() // period + 1) * period))


def advance(seconds: float) -> None:
    """Move the clock ahead, and do what falls due on the way."""
    global _moved
    with _running:
        end = time() + seconds
        while _step(end):
            pass
        _moved += max(0.0, end - time())
        _file().write_text(str(_moved))


def _file() -> Path:
    """Where it is kept how far the clock was moved: what is recorded stays in the past of a restarted emulator."""
    path = settings.state_directory() / "clock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _step(until: float) -> bool:
    """Do what is due next, if it is due by then."""
    global _moved
    with _running:
        job = min(_jobs, key=lambda each: each.due, default=None)
        if job is None or job.due > until:
            return False
        at = job.due
        _moved += max(0.0, at - time())
        # A machine that was asleep does not catch up on all that it missed.
        job.due = max(at + job.period, time() // job.period * job.period)
        try:
            job.work(at)
        except Exception:
            log.exception("%s", job.name)
        return True


def _loop() -> None:
    while True:
        while _step(time()):
            pass
        real.sleep(_POLL_SECONDS)


async def _answer(old: Any, path: str, method: str, query_params: dict[str, Any]) -> Any:
    if (method, path) != ("POST", PATH):
        return await old(path, method, query_params)
    await asyncio.to_thread(advance, float(query_params["advance"][0]))
    return 200, {"Content-Type": "application/json"}, json.dumps({"time": time()}).encode()


def install() -> None:
    """Answer the path beside MiniStack's own ones, and let the time run."""
    global _moved
    _moved = float(_file().read_text()) if _file().exists() else 0.0
    patch.wrap(app, "_handle_admin_reset", _answer, "path method query_params")
    threading.Thread(target=_loop, daemon=True, name="clock").start()
