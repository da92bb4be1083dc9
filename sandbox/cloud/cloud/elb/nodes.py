"""Run the place of each load balancer in its VPC (``cloud.elb.node``), and connect from there.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html: the
groups of a balancer decide who connects to it and what it connects to, health checks included.
"""

import hashlib
import json
import logging
import socket
import threading
from typing import Any

from ministack import app
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import alb, ecs

from cloud.acm import server
from cloud.core import patch, settings
from cloud.elb import node
from cloud.network import interfaces, namespaces

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    alb: "_lbs _listeners",
    ecs: "_get_docker",
}

log = logging.getLogger(__name__)
LABEL = "dagster.sandbox.balancer"
_CONTROL_SECONDS = 10.0

_changed = threading.Event()


def connect(balancer: str, host: str, port: int, seconds: float) -> socket.socket:
    """A connection from a load balancer to a target; OSError when there is none. Without an engine it is direct."""
    if not settings.network():
        return socket.create_connection((host, port), seconds)
    place = namespaces.find(balancer)
    if place is None:
        raise ConnectionError(f"{balancer} has no place in its VPC yet")
    connected = socket.create_connection((place.bridge, node.CONTROL_PORT), _CONTROL_SECONDS)
    answer = _order(connected, f"{node.DIAL} {host} {port} {seconds}", seconds + _CONTROL_SECONDS)
    if answer != node.READY:
        connected.close()
        raise TimeoutError("timed out") if answer == node.LATE else ConnectionRefusedError("refused")
    connected.settimeout(seconds)
    return connected


def _order(connected: socket.socket, order: str, seconds: float) -> str:
    connected.settimeout(seconds)
    connected.sendall(f"{order}\n".encode())
    answer = b""
    # One byte at a time: what follows the line is the target's.
    while not answer.endswith(b"\n") and (byte := connected.recv(1)):
        answer += byte
    return answer.decode().strip()


def _name(balancer: str) -> str:
    return f"dagster-sandbox-{settings.instance()}-balancer-{hashlib.sha256(balancer.encode()).hexdigest()[:8]}"


def _settle(client: Any) -> None:
    """Start what lacks, tell each its listeners, and remove what has no load balancer."""
    there = {arn: (account, region) for (account, region, arn), _ in list(alb._lbs.all_items())}
    mine = f"{settings.INSTANCE_LABEL}={settings.instance()}"
    for container in client.containers.list(all=True, filters={"label": [mine, LABEL]}):
        if container.labels[LABEL] not in there:
            container.remove(force=True)
            namespaces.leave(container.labels[LABEL])
    namespaces.refresh()  # their interfaces
    for arn, (account, region) in there.items():
        with request_scope(account, region):
            if interfaces.of(arn):
                _settle_one(client, arn)


def _settle_one(client: Any, arn: str) -> None:
    place = namespaces.find(arn) or _start(client, arn)
    own = [each for each in alb._listeners.values() if each["LoadBalancerArn"] == arn]
    listeners = sorted((int(each["Port"]), _identity(each)) for each in own)
    with socket.create_connection((place.bridge, node.CONTROL_PORT), _CONTROL_SECONDS) as connected:
        _order(connected, f"{node.LISTEN} {json.dumps(listeners)}", _CONTROL_SECONDS)


def _identity(listener: dict[str, Any]) -> str:
    """What a listener with TLS shows; https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html."""
    return server.identity(listener["Certificates"][0]) if listener["Protocol"] == "HTTPS" else ""


def _start(client: Any, arn: str) -> namespaces.Namespace:
    from docker.errors import NotFound

    serves = (settings.front_door_port(),)
    try:
        container, begun = client.containers.get(_name(arn)), False
    except NotFound:
        container, begun = _run(client, arn, serves), True
    container.reload()
    address = container.attrs["NetworkSettings"]["Networks"][settings.network()]["IPAddress"]
    region, account = arn.split(":")[3:5]
    place = namespaces.Namespace(arn, account, region, container, address, serves)
    namespaces.enter(place, begun)
    return place


def _run(client: Any, arn: str, serves: tuple[int, ...]) -> Any:
    named = client.api.create_endpoint_config(aliases=[alb._lbs[arn]["DNSName"]])
    return client.containers.run(
        settings.image(),
        ["sh", "-ec", f"{namespaces.script(arn, serves)}exec catatonit -- python -m {node.__name__} {arn}"],
        name=_name(arn),
        detach=True,
        network=settings.network(),
        networking_config={settings.network(): named},
        cap_add=["NET_ADMIN"],
        labels=settings.labels(**{LABEL: arn}),
    )


def _loop() -> None:
    while True:
        _changed.wait()
        _changed.clear()
        try:
            _settle(ecs._get_docker())
        except OSError as error:  # it does not listen yet
            log.debug("the load balancers are looked at again: %s", error)
            _changed.set()
            threading.Event().wait(0.2)
        except Exception:
            log.exception("the load balancers have no places in their VPCs")


def look_again() -> None:
    """A certificate that a listener shows is another one."""
    _changed.set()


async def _watched(old: Any, *request: Any) -> Any:
    answer = await old(*request)
    _changed.set()
    return answer


def _begin(old: Any) -> None:
    """Look for what runs when it is known what there is."""
    old()
    _changed.set()
    if settings.network():
        threading.Thread(target=_loop, daemon=True, name="elb-nodes").start()


def install() -> None:
    """Keep up with the load balancers."""
    # Around network.namespaces: either order would do.
    patch.wrap(alb, "handle_request", _watched, "method path headers body query_params")
    # Around core.persistence: what there is has been loaded then.
    patch.wrap(app, "_load_persisted_state", _begin, "")
