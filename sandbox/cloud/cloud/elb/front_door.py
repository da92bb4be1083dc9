"""One plain address for the load balancer: any Host, HTTP and websocket.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html (rules, websockets)
and x-forwarded-headers.html. MiniStack's balancer answers on the gateway's port to its own name only, and carries no
websocket. TLS is not terminated here: an HTTPS listener is served without, as if a proxy stood in front of it.
"""

import asyncio
import logging
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from ministack.core.responses import AccountRegionScopedDict, StreamingResponse, request_scope
from ministack.services import alb

from cloud.core import streams
from cloud.elb import health

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    alb: "_lbs _listeners _match_condition _rule_sort_key _rules _target_headers _tgs dispatch_request",
}

log = logging.getLogger(__name__)
_HEAD_LIMIT = 64 * 1024
_CONNECT_SECONDS = 5.0
_PHRASES = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    403: "Forbidden",
    404: "Not Found",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
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


def parse(head: bytes) -> Request:
    """Read the head of a request; ValueError when it is none."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    if not version.startswith("HTTP/1.") or not target.startswith("/"):
        raise ValueError(f"not a request: {first}")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"not a header: {line}")
        headers.append((name.strip(), value.strip()))
    return Request(method, target, headers)


def find_balancer(host: str) -> tuple[dict[str, Any], dict[str, Any], str, str] | None:
    """A balancer with a listener that forwards, its account and region; one that the Host names comes first."""
    name = host.partition(":")[0].lower()
    candidates = sorted(alb._lbs.all_items(), key=lambda item: item[1]["DNSName"].lower() != name)
    for (account, region, arn), balancer in candidates:
        with request_scope(account, region):
            listeners = [each for each in alb._listeners.values() if each["LoadBalancerArn"] == arn]
        forwarding = [each for each in listeners if not _redirects(each)]
        if forwarding:
            return balancer, forwarding[0], account, region
    return None


def _redirects(listener: dict[str, Any]) -> bool:
    return any(action.get("Type", "").lower() == "redirect" for action in listener.get("DefaultActions") or [])


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


def forwarded(request: Request, balancer: dict[str, Any], listener: dict[str, Any], client: str) -> bytes:
    """The head that the target receives."""
    added = alb._target_headers(balancer["LoadBalancerArn"], listener, request.fields, client)
    own = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-amzn-trace-id")
    # The browser speaks to this port over plain HTTP: pages that build addresses have to be told so.
    added["x-forwarded-proto"] = "http"
    dropped = own if request.upgrades else (*own, "connection", "keep-alive")
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers if name.lower() not in dropped]
    lines += [f"{name}: {added[name]}" for name in own if name in added]
    if not request.upgrades:
        lines.append("connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _answer(writer: asyncio.StreamWriter, status: int, headers: dict[str, Any], body: bytes) -> None:
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Status')}"]
    for name, value in headers.items():
        lines += [f"{name}: {each}" for each in (value if isinstance(value, list) else [value])]
    lines += [f"content-length: {len(body)}", "connection: close"]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
    await writer.drain()


async def _refuse(writer: asyncio.StreamWriter, status: int, reason: str) -> None:
    await _answer(writer, status, {"server": "awselb/2.0", "content-type": "text/plain"}, f"{reason}\n".encode())


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: dict[str, Any], port: int, head: bytes
) -> None:
    """Connect the client with the target until one of them ends."""
    try:
        opening = asyncio.open_connection(target["Id"], port)
        upstream_reader, upstream_writer = await asyncio.wait_for(opening, _CONNECT_SECONDS)
    except (OSError, TimeoutError) as exc:
        log.warning("the target %s:%d does not answer: %r", target["Id"], port, exc)
        await _refuse(writer, 502, "The target does not answer.")
        return
    upstream_writer.write(head)
    await streams.exchange((reader, writer), (upstream_reader, upstream_writer))


async def _otherwise(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: Request,
    balancer: dict[str, Any],
    listener: dict[str, Any],
    client: str,
) -> None:
    """What a rule does that does not forward (a fixed response, a redirect, a login): MiniStack's balancer answers."""
    body = await reader.readexactly(int(request.fields.get("content-length") or 0))
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
        await _refuse(writer, 502, "An action of the listener cannot be carried by the front door.")
        return
    await _answer(writer, status, headers, answer)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        request = parse((await reader.readuntil(b"\r\n\r\n"))[:-4])
    except ValueError:
        await _refuse(writer, 400, "Bad request.")
        return
    found = find_balancer(request.fields.get("host", ""))
    if found is None:
        await _refuse(writer, 503, "There is no load balancer yet.")
        return
    balancer, listener, account, region = found
    client = (writer.get_extra_info("peername") or ("127.0.0.1",))[0]
    with request_scope(account, region):
        group = find_group(listener, request)
        if group is None or group.get("TargetType") == "lambda":
            await _otherwise(reader, writer, request, balancer, listener, client)
            return
        target = health.choose(group)
        head = forwarded(request, balancer, listener, client)
    if target is None:
        await _refuse(writer, 503, "No target is registered.")
        return
    await _join(reader, writer, target, int(target.get("Port") or group["Port"]), head)


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection: one request, or a websocket."""
    streams.hold()
    try:
        await _serve(reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
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
        server = await asyncio.start_server(handle, host, port, limit=_HEAD_LIMIT)
        ready.append(server.sockets[0].getsockname()[1])
        listening.set()
        async with server:
            await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True, name="front-door").start()
    if not listening.wait(timeout=10):
        raise RuntimeError(f"the front door cannot listen on port {port}")
    return ready[0]
