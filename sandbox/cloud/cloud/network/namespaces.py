"""Enforce on what runs: each container that holds a network namespace has the packet filter of its interfaces.

https://docs.aws.amazon.com/vpc/latest/userguide/working-with-security-group-rules.html: a changed rule takes effect on
all that has the group. The container that holds the namespace (a task's pause container) runs the commands itself: no
engine has to lend its host's tools. Connections that were let through go on, as tracked ones do on AWS.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, NotFound
from ministack.core.responses import request_scope
from ministack.services import alb, ec2, rds

from cloud.core import patch, settings
from cloud.network import filters, interfaces, outside, owners, resolver

log = logging.getLogger(__name__)
_WORKERS = 8


@dataclass(frozen=True)
class Namespace:
    """A network namespace: whose interfaces it has, which container holds it, and its address on the bridge."""

    owner: str
    account: str
    region: str
    container: Any
    bridge: str
    serves: tuple[int, ...]


_known: dict[str, Namespace] = {}
_applied: dict[str, str] = {}
_lock = threading.Lock()
_changed = threading.Event()


def script(owner: str, serves: tuple[int, ...]) -> str:
    """The commands that a container begins with, so that nothing in it is ever without its filter."""
    own = interfaces.of(owner)
    text = _applied[owner] = _rules(own, serves)
    return f"{filters.set_up(own)} && nft -f - <<'END'\n{text}END\n"


def enter(namespace: Namespace, begun: bool = False) -> None:
    """Take up a namespace, whose container may have begun with its script, and let all others know it."""
    _known[namespace.owner] = namespace
    if not begun:
        _applied.pop(namespace.owner, None)
        with request_scope(namespace.account, namespace.region):
            _execute(namespace, ["sh", "-c", filters.set_up(interfaces.of(namespace.owner))])
    refresh()


def leave(owner: str) -> None:
    """Forget a namespace that has gone."""
    _known.pop(owner, None)
    _applied.pop(owner, None)
    wake()


def at(address: str) -> Namespace | None:
    """The namespace with an address on the bridge."""
    return next((each for each in list(_known.values()) if each.bridge == address), None)


def find(owner: str) -> Namespace | None:
    """The namespace of a task, database or load balancer."""
    return _known.get(owner)


def refresh() -> None:
    """Bring every namespace to the rules as they are now; back when that is done."""
    with _lock:
        owners.sync()
        with ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(_apply, list(_known.values())))


def _apply(namespace: Namespace) -> None:
    with request_scope(namespace.account, namespace.region):
        own = interfaces.of(namespace.owner)
        if not own:
            return
        text = _rules(own, namespace.serves)
        if _applied.get(namespace.owner) == text:
            return
        try:
            _execute(namespace, ["nft", text])
        except (NotFound, APIError, RuntimeError) as error:
            log.warning("the rules of %s stay as they were: %s", namespace.owner, error)
            return
        _applied[namespace.owner] = text


def _rules(own: list[dict[str, Any]], serves: tuple[int, ...]) -> str:
    translated = outside.translated(_known.values(), own[0])
    return filters.rules(own, filters.Neighborhood(resolver.own_address(), resolver.addresses(), serves, translated))


def _execute(namespace: Namespace, command: list[str]) -> None:
    code, output = namespace.container.exec_run(command)
    if code:
        raise RuntimeError(f"the network of {namespace.owner} cannot be set: {output.decode(errors='replace')}")


def wake() -> None:
    """Refresh soon."""
    _changed.set()


def _loop() -> None:
    while True:
        _changed.wait()
        _changed.clear()
        try:
            refresh()
        except Exception:
            log.exception("the packet filters could not be brought up to date")


async def _watched(old: Any, *request: Any) -> Any:
    answer = await old(*request)
    wake()
    return answer


def install() -> None:
    """Look again after each call that may have changed something."""
    for service in (ec2, rds, alb):
        patch.wrap(service, "handle_request", _watched, "method path headers body query_params")
    if settings.network():
        threading.Thread(target=_loop, daemon=True, name="network").start()
