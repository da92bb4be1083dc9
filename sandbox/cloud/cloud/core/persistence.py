"""Save the state while the emulator runs, so that a killed one loses seconds and not all; keep sessions too.

MiniStack saves at an orderly end only, and forgets the temporary credentials that it gave out: containers that live on
would be strangers to it. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: credentials live as
long as they were made for.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import sts

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    app: "_build_persistence_save_dict",
    persistence: "save_all",
    sts: "_session_expired _sessions",
}

log = logging.getLogger(__name__)
SAVE_SECONDS = 10.0
_TRIES = 10
_saving = threading.Lock()


def _sessions() -> dict[str, Any]:
    live = {key: session for key, session in list(sts._sessions.items()) if not sts._session_expired(session)}
    return {"sessions": live}


def _load_sessions(data: dict[str, Any]) -> None:
    sts._sessions.update((data or {}).get("sessions", {}))


def steady(get_state: Callable[[], Any]) -> Any:
    """A service's state: MiniStack copies it while threads change it, and the copy fails when one adds something."""
    for _ in range(_TRIES - 1):
        try:
            return get_state()
        except RuntimeError as error:
            log.debug("the state is copied again: %s", error)
    return get_state()


def _save_all(old: Any, services: dict[str, Any]) -> None:
    """Save once at a time: the orderly end comes while the state is being saved."""
    with _saving:
        old({name: partial(steady, get_state) for name, get_state in services.items()})


def _loop() -> None:
    logging.getLogger("persistence").setLevel(logging.WARNING)
    while True:
        time.sleep(SAVE_SECONDS)
        try:
            persistence.save_all(app._build_persistence_save_dict())
        except Exception:
            log.exception("the state could not be saved")


def _loaded(old: Any) -> None:
    """Save from now on: what was saved before this would be the state of an emulator that knows nothing yet."""
    old()
    threading.Thread(target=_loop, daemon=True, name="save-state").start()


def install() -> None:
    """Save the state from when it is loaded."""
    patch.wrap(persistence, "save_all", _save_all, "services")
    patch.replace(sts, "get_state", _sessions, "")
    patch.replace(sts, "load_persisted_state", _load_sessions, "data")
    # Within ecs.restart, which takes up the tasks that this has loaded.
    patch.wrap(app, "_load_persisted_state", _loaded, "")
