"""Answer what has come to the load balancers: HTTP and websocket.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html (rules, websockets)
and x-forwarded-headers.html. MiniStack's balancer answers on the gateway's port to its own name only, and carries no
websocket. TLS has ended at the balancer's place in its VPC (``cloud.elb.node``).
"""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

import h11
from ministack.core.responses import StreamingResponse, request_scope
from ministack.services import alb

from cloud.core import streams
from cloud.elb import access_logs, arrival, connections, health, metrics, relay

# What this module uses of MiniStack.
NEEDS = {
    alb: "_lb_attr _lbs _listeners _match_condition _rule_sort_key _rules _target_headers _tgs dispatch_request",
}

log = logging.getLogger(__name__)
_CONNECTING = 64
_PHRASES = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    403: "Forbidden",
    404: "Not Found",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


@dataclass
class Request:
    """The head of a request, and its parts that rules look at."""

    method: str
    target: str
    headers: list[tuple[str, str]]

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        """The query as sent."""
        return self.target.partition("?")[2]

    @property
    def fields(self) -> dict[str, str]:
        """The headers by their names in lower case."""
        return {name.lower(): value for name, value in self.headers}

    @property
    def upgrades(self) -> bool:
        """Whether the client asks for another protocol on this connection: a websocket."""
        return "upgrade" in self.fields.get("connection", "").lower()


def read(head: h11.Request) -> Request:
    """A request as it came, the case of its headers' names included."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()]
    return Request(head.method.decode(), head.target.decode("latin-1"), headers)


def find_listener(arn: str, port: int) -> tuple[dict[str, Any], dict[str, Any], str, str] | None:
    """A balancer with its listener at a port, its account and region."""
    region, account = arn.split(":")[3:5]
    with request_scope(account, region):
        own = [each for each in alb._listeners.values() if each["LoadBalancerArn"] == arn and each["Port"] == port]
        return (alb._lbs[arn], own[0], account, region) if own and arn in alb._lbs else None


def find_group(listener: dict[str, Any], request: Request) -> dict[str, Any] | None:
    """The target group that the listener's rules forward a request to; None when they do something else with it."""
    rules = [r for r in alb._rules.values() if r.get("ListenerArn") == listener["ListenerArn"]]
    query = parse_qs(request.query, keep_blank_values=True)
    for rule in sorted(rules, key=alb._rule_sort_key):
        conditions = rule.get("Conditions", [])
        if rule.get("IsDefault") or all(
            alb._match_condition(c, request.method, request.path, request.fields, query) for c in conditions
        ):
            actions = rule.get("Actions") or listener.get("DefaultActions") or []
            if [a.get("Type", "").lower() for a in actions] != ["forward"]:
                return None
            return alb._tgs.get(actions[0].get("TargetGroupArn", ""))
    return None


def forwarded(request: Request, balancer: dict[str, Any], listener: dict[str, Any], client: str) -> h11.Request:
    """The head that the target receives."""
    added = alb._target_headers(balancer["LoadBalancerArn"], listener, request.fields, client)
    own = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-amzn-trace-id")
    dropped = own if request.upgrades else (*own, "connection", "keep-alive", "expect")
    headers = [(name, value) for name, value in request.headers if name.lower() not in dropped]
    headers += [(name, added[name]) for name in own if name in added]
    return h11.Request(method=request.method, target=request.target, headers=headers)


async def _answer(writer: asyncio.StreamWriter, status: int, headers: dict[str, Any], body: bytes) -> None:
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Status')}"]
    for name, value in headers.items():
        lines += [f"{name}: {each}" for each in (value if isinstance(value, list) else [value])]
    lines += [f"content-length: {len(body)}", "connection: close"]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
    await writer.drain()


async def _refuse(writer: asyncio.StreamWriter, status: int, reason: str) -> None:
    await _answer(writer, status, {"server": "awselb/2.0", "content-type": "text/plain"}, f"{reason}\n".encode())


async def _forward(
    client: relay.Side, head: h11.Request, way: connections.Way, idle: float, entry: access_logs.Entry
) -> None:
    """Carry a request, or a websocket, to a target."""
    try:
        side = await connections.take(way)
    except OSError as exc:
        log.warning("the target %s:%d does not answer: %r", way.target["Id"], way.port, exc)
        status = relay.GATEWAY_TIMEOUT if isinstance(exc, TimeoutError) else relay.BAD_GATEWAY
        metrics.unreached(way.balancer, way.group, status)
        entry.status = status
        await _refuse(client.writer, status, "The target does not answer.")
        return
    if entry.upgrades:
        entry.status = entry.target_status = 101
        side.writer.write((side.http.send(head) or b"") + client.http.trailing_data[0])
        await streams.exchange((client.reader, client.writer), (side.reader, side.writer))
        return
    outcome = await relay.carry(client, side, head, idle)
    metrics.carried(way.balancer, way.group, outcome)
    entry.status = outcome.status
    if outcome.by_target:
        entry.target_status, entry.target_seconds = outcome.status, outcome.seconds
    if not outcome.by_target:
        log.warning("the target %s:%d gave no answer: %d", way.target["Id"], way.port, outcome.status)
        await _refuse(client.writer, outcome.status, "The target gave no answer.")
    connections.give(way.record, side, idle)


async def _otherwise(
    side: relay.Side, request: Request, balancer: dict[str, Any], listener: dict[str, Any], client: str
) -> int:
    """What a rule does that does not forward (a fixed response, a redirect, a login): MiniStack's balancer answers."""
    body = await side.body()
    query = parse_qs(request.query, keep_blank_values=True)
    status, headers, answer = await alb.dispatch_request(
        balancer,
        request.method,
        request.path,
        request.fields,
        body,
        query,
        listener.get("Port", 80),
        client_ip=client,
        raw_query_string=request.query,
    )
    if isinstance(answer, StreamingResponse):
        await _refuse(side.writer, 502, "An action of the listener cannot be carried by the front door.")
        return 502
    metrics.answered(balancer["LoadBalancerArn"], status)
    await _answer(side.writer, status, headers, answer)
    return int(status)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    side = relay.Side(reader, writer, h11.SERVER)
    arrived = await arrival.read(reader)
    if arrived is None:
        return
    try:
        received = await side.event()
    except h11.RemoteProtocolError:
        await _refuse(writer, 400, "Bad request.")
        return
    if not isinstance(received, h11.Request):
        return  # the client has gone
    request = read(received)
    found = find_listener(arrived.balancer, arrived.port)
    if found is None:
        return  # it has gone
    balancer, listener, account, region = found
    client = f"{arrived.client}:{writer.get_extra_info('peername')[1]}"
    entry = access_logs.Entry(
        balancer["LoadBalancerArn"], listener, client, request.method, request.target, request.fields, request.upgrades
    )
    try:
        with request_scope(account, region):
            await _route(side, request, balancer, listener, arrived.client, entry)
    finally:
        entry.received, entry.sent = side.received, side.sent
        access_logs.note(entry)


async def _route(
    side: relay.Side,
    request: Request,
    balancer: dict[str, Any],
    listener: dict[str, Any],
    client: str,
    entry: access_logs.Entry,
) -> None:
    """Send a request to where the listener's rules say."""
    arn = balancer["LoadBalancerArn"]
    group = find_group(listener, request)
    if group is None or group.get("TargetType") == "lambda":
        entry.status = await _otherwise(side, request, balancer, listener, client)
        entry.action = "redirect" if entry.status in (301, 302) else "fixed-response"
        return
    entry.action, entry.group = "forward", group["TargetGroupArn"]
    target = health.choose(group)
    if target is None:
        entry.status = 503
        metrics.answered(arn, 503)
        await _refuse(side.writer, 503, "No target is registered.")
        return
    head = forwarded(request, balancer, listener, client)
    idle = float(alb._lb_attr(arn, "idle_timeout.timeout_seconds", "60"))
    port = int(target.get("Port") or group["Port"])
    entry.target = f"{target['Id']}:{port}"
    way = connections.Way(arn, group["TargetGroupArn"], health.find(group, target), target, port)
    await _forward(side, head, way, idle, entry)


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection: one request, or a websocket."""
    streams.hold()
    try:
        await _serve(reader, writer)
    except (ConnectionError, h11.RemoteProtocolError):
        pass  # the client or the target has gone
    except Exception:
        log.exception("a request at the front door failed")
    finally:
        writer.close()


def start(port: int, host: str = "0.0.0.0") -> int:
    """Serve from a thread of its own; answers the port (0 asks for a free one)."""
    ready: list[int] = []
    listening = threading.Event()

    async def serve() -> None:
        # A thread connects to a target: those that wait for one that is silent must not hold up others.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_CONNECTING))
        server = await asyncio.start_server(handle, host, port)
        ready.append(server.sockets[0].getsockname()[1])
        listening.set()
        async with server:
            await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True, name="front-door").start()
    if not listening.wait(timeout=10):
        raise RuntimeError(f"the front door cannot listen on port {port}")
    return ready[0]
