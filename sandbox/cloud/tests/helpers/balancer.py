"""A load balancer of MiniStack in this process, and a target for it."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from ministack.services import alb

from cloud.elb import health as elb_health


class Listening(Protocol):
    """Something that can be registered."""

    port: int


class Target:
    """A server that answers with ``code`` and notes what it is asked; it echoes what follows an upgrade."""

    def __init__(self) -> None:
        self.code = 200
        self.chunks: list[bytes] = []
        self.clients: list[tuple[str, int]] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                target.clients.append(self.client_address)
                target.requests.append((self.command, self.path, headers, self.rfile.read(length)))
                if headers.get("upgrade") == "websocket":
                    self._upgrade()
                    return
                if target.chunks:
                    self._chunked()
                    return
                body = b"answer"
                self.send_response(target.code)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_HEAD = do_GET

            def _chunked(self) -> None:
                self.send_response(target.code)
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                if self.command != "HEAD":
                    for chunk in [*target.chunks, b""]:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

            def _upgrade(self) -> None:
                self.send_response(101)
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                self.send_header("Sec-WebSocket-Protocol", self.headers["Sec-WebSocket-Protocol"])
                self.end_headers()
                self.wfile.write(self.rfile.read(4))
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.server_address[1]


class Balancer:
    """A load balancer with one target group."""

    def __init__(self, **health: str) -> None:
        self.name = f"b-{secrets.token_hex(4)}"
        parameters = {"Name": self.name, "Port": "80", "TargetType": "ip", "HealthCheckPath": "/health", **health}
        alb._create_tg(parameters)
        self.group = next(g for g in alb._tgs.values() if g["TargetGroupName"] == self.name)
        alb._create_lb({"Name": self.name})
        self.record = next(b for b in alb._lbs.values() if b["LoadBalancerName"] == self.name)

    def listen(self, protocol: str = "HTTP", port: int = 80, **action: str) -> None:
        """Add a listener; it forwards to the group unless another action is given."""
        given = action or {"Type": "forward", "TargetGroupArn": self.group["TargetGroupArn"]}
        parameters = {"LoadBalancerArn": self.record["LoadBalancerArn"], "Protocol": protocol, "Port": str(port)}
        alb._create_listener(parameters | {f"DefaultActions.member.1.{k}": v for k, v in given.items()})

    def register(self, target: Listening) -> None:
        """Register a target."""
        alb.set_targets_for_group(self.group["TargetGroupArn"], [("127.0.0.1", target.port)])

    def deregister(self) -> None:
        """Leave the group without a target."""
        arn = self.group["TargetGroupArn"]
        alb.set_targets_for_group(arn, [], [each["Id"] for each in alb._targets.get(arn, [])])

    def idle(self, seconds: float) -> None:
        """Set how long a silent connection is kept; AWS takes whole seconds."""
        name = {"LoadBalancerArn": self.record["LoadBalancerArn"]}
        attribute = {"Key": "idle_timeout.timeout_seconds", "Value": str(seconds)}
        alb._modify_lb_attrs(name | {f"Attributes.member.1.{k}": v for k, v in attribute.items()})

    def tag(self, **tags: str) -> None:
        """Give it tags."""
        alb._tags[self.record["LoadBalancerArn"]] = [{"Key": key, "Value": value} for key, value in tags.items()]

    @property
    def registered(self) -> list[elb_health.Target]:
        """What is known about the targets."""
        arn = self.group["TargetGroupArn"]
        return [elb_health.find(self.group, each) for each in alb._targets.get(arn, [])]


@contextmanager
def balancer(**health: str) -> Iterator[Balancer]:
    """A load balancer that is gone afterwards."""
    found = Balancer(**health)
    try:
        yield found
    finally:
        own = found.record["LoadBalancerArn"]
        alb._delete_lb({"LoadBalancerArn": own})
        for arn in [arn for arn, each in alb._listeners.items() if each["LoadBalancerArn"] == own]:
            alb._delete_listener({"ListenerArn": arn})
        alb._delete_tg({"TargetGroupArn": found.group["TargetGroupArn"]})
