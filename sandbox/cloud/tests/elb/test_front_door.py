"""The front door carries requests and websockets to the targets of the load balancer by which they came."""

import contextlib
import gc
import gzip
import http.client
import json
import shlex
import socket
import struct
import threading

import pytest
from helpers.balancer import Target, balancer
from ministack.services import alb, s3

from cloud.elb import access_logs, front_door, health, nodes
from cloud.elb.arrival import Arrival


@pytest.fixture(scope="module")
def port() -> int:
    return front_door.start(0, "127.0.0.1")


def arrived(port: int = 80, client: str = "127.0.0.1") -> bytes:
    """What the place of the one balancer says first."""
    [balancer] = [each["LoadBalancerArn"] for each in alb._lbs.values()]
    return Arrival(balancer, port, client).line()


def ask(
    port: int, method: str = "GET", path: str = "/", body: bytes | None = None, first: bytes = b""
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    connection.sock.sendall(first or arrived())
    connection.request(method, path, body=body, headers={"Host": "anything.example.com"})
    with connection.sock.dup() as until_the_end:
        response = connection.getresponse()
        answer = response.status, response.read()
        assert until_the_end.recv(1) == b""  # only then is the front door done with the target
    return answer


def test_what_does_not_come_by_a_balancer_is_not_answered(port: int) -> None:
    with balancer() as found:
        found.listen()
        gone = Arrival(found.record["LoadBalancerArn"], 81, "127.0.0.1").line()
        for first in (b"", gone):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(first + b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(4096) == b""


def test_any_host_reaches_the_target_with_the_balancers_headers(port: int) -> None:
    target = Target()
    with balancer() as found:
        found.listen()
        found.register(target)
        assert ask(port, "POST", "/graphql?a=1%202", b"query") == (200, b"answer")
    method, path, headers, body = target.requests[-1]
    assert (method, path, body) == ("POST", "/graphql?a=1%202", b"query")
    assert headers["host"] == "anything.example.com"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_a_request_reaches_the_targets_of_the_balancer_by_which_it_came(port: int) -> None:
    dev, prod = Target(), Target()
    with balancer() as first, balancer() as second:
        for found, path, target in ((first, "/dev", dev), (second, "/prod", prod)):
            found.listen()
            found.register(target)
            line = Arrival(found.record["LoadBalancerArn"], 80, "10.0.0.1").line()
            assert ask(port, path=path, first=line) == (200, b"answer")
    assert [(request[1], request[2]["x-forwarded-for"]) for request in dev.requests] == [("/dev", "10.0.0.1")]
    assert [(request[1], request[2]["x-forwarded-for"]) for request in prod.requests] == [("/prod", "10.0.0.1")]


def test_a_websocket_is_carried_both_ways(port: int) -> None:
    target = Target()
    with balancer() as found:
        found.listen()
        found.register(target)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(
                arrived() + b"GET /graphql HTTP/1.1\r\nHost: localhost\r\n"
                b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Protocol: graphql-ws\r\n\r\nping"
            )
            received = b""
            while chunk := client.recv(4096):
                received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101")
    assert b"Sec-WebSocket-Protocol: graphql-ws" in head
    assert rest == b"ping"


def test_each_port_has_its_listener(port: int) -> None:
    target = Target()
    with balancer() as found:
        found.listen("HTTP", 80, Type="redirect", **{"RedirectConfig.StatusCode": "HTTP_301"})
        found.listen("HTTPS", 443)
        found.register(target)
        assert ask(port)[0] == 301
        assert ask(port, first=arrived(443))[0] == 200
    assert target.requests[-1][2]["x-forwarded-proto"] == "https"


def test_a_fixed_response_is_the_balancers_own(port: int) -> None:
    with balancer() as found:
        found.listen(
            Type="fixed-response",
            **{"FixedResponseConfig.StatusCode": "403", "FixedResponseConfig.MessageBody": "not here"},
        )
        assert ask(port) == (403, b"not here")


def test_without_a_target_it_is_unavailable_and_without_an_answer_a_bad_gateway(port: int) -> None:
    target = Target()
    target.server.shutdown()
    target.server.server_close()
    with balancer() as found:
        found.listen()
        assert ask(port)[0] == 503
        found.register(target)
        assert ask(port)[0] == 502


def test_a_target_that_takes_no_connection_in_time_is_a_gateway_timeout(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise TimeoutError("timed out")

    with balancer() as found:
        found.listen()
        found.register(Target())
        monkeypatch.setattr(nodes, "connect", late)
        assert ask(port)[0] == 504


def test_what_is_no_request_is_refused(port: int) -> None:
    with balancer(), socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(arrived() + b"nonsense\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 400")


class Silent:
    """A target that accepts one websocket, or answers nothing at all, and then only waits for its end."""

    def __init__(self, answer: bytes = b"HTTP/1.1 101 Switching Protocols\r\n\r\n") -> None:
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        connection.recv(4096)
        connection.sendall(self.answer)
        while connection.recv(4096):
            pass
        self.ended.set()


@pytest.mark.parametrize("abruptly", [True, False])
def test_a_closed_tab_ends_its_connections_without_a_word_in_the_log(
    port: int, abruptly: bool, caplog: pytest.LogCaptureFixture
) -> None:
    target = Silent()
    with balancer() as found:
        found.listen()
        found.register(target)
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.sendall(
            arrived() + b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        if abruptly:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        # What only the closed connection held would be collected now, in the midst of its work.
        gc.collect()
        assert target.ended.wait(timeout=10)
        gc.collect()
    assert caplog.records == []


class Impatient:
    """A target that closes a connection some time after its answer, or waits for the other side to do so."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds, self.connections = seconds, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(TimeoutError):
            while connection.recv(4096):
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                connection.settimeout(self.seconds)
        connection.close()
        self.ended.set()


def test_a_connection_to_a_target_serves_one_request_after_the_other(port: int) -> None:
    target = Impatient(None)
    with balancer() as found:
        found.listen()
        found.register(target)
        for path in ("/a", "/b", "/c"):
            assert ask(port, "GET", path) == (200, b"ok")
        assert target.connections == 1


def test_a_target_that_closes_before_the_balancer_makes_the_next_request_fail(port: int) -> None:
    target = Impatient(0.1)
    with balancer() as found:
        found.listen()
        found.register(target)
        assert ask(port) == (200, b"ok")
        assert target.ended.wait(timeout=10)
        assert ask(port)[0] == 502
        assert ask(port) == (200, b"ok")


def test_the_balancer_closes_a_connection_that_was_silent_for_the_idle_timeout(port: int) -> None:
    target = Impatient(None)
    with balancer() as found:
        found.listen()
        found.register(target)
        found.idle(0.1)
        assert ask(port) == (200, b"ok")
        assert target.ended.wait(timeout=10)
        assert ask(port) == (200, b"ok")
        assert target.connections == 2


def test_a_target_that_is_registered_again_gets_new_connections(port: int) -> None:
    target = Impatient(None)
    with balancer() as found:
        found.listen()
        for connections in (1, 2):
            found.register(target)
            assert ask(port) == (200, b"ok")
            assert target.connections == connections
            found.deregister()
            assert ask(port)[0] == 503
            health.tick()


def test_a_target_that_says_nothing_for_the_idle_timeout_is_a_gateway_timeout(port: int) -> None:
    target = Silent(answer=b"")
    with balancer() as found:
        found.listen()
        found.register(target)
        found.idle(0.1)
        assert ask(port)[0] == 504


def test_an_answer_in_chunks_is_carried_and_its_connection_kept(port: int) -> None:
    target = Target()
    target.chunks = [b"one ", b"two"]
    with balancer() as found:
        found.listen()
        found.register(target)
        assert ask(port) == ask(port) == (200, b"one two")
        assert ask(port, "HEAD") == (200, b"")
    assert len({client for client, *_ in target.clients}) == 1


def test_requests_stand_in_the_bucket_that_the_policy_lets_the_service_into(port: int) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html"""
    target = Target()
    s3._create_bucket("access", b"")
    with balancer() as found:
        found.listen()
        found.register(target)
        arn = found.record["LoadBalancerArn"]
        values = {"enabled": "true", "bucket": "access", "prefix": "balancer"}
        alb._lb_attrs[arn] = [{"Key": f"access_logs.s3.{key}", "Value": value} for key, value in values.items()]
        access_logs.write(0)
        ask(port, "POST", "/graphql?a=1", b"query")
        access_logs.write(600)
        assert not s3._buckets["access"]["objects"]  # nobody lets it in
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": access_logs.SERVICE},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::access/balancer/AWSLogs/*",
            "Condition": {"ArnLike": {"aws:SourceArn": arn}},
        }
        s3._bucket_policies["access"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        ask(port, "POST", "/graphql?a=1", b"query")
        access_logs.write(600)
        [(key, file)] = s3._buckets["access"]["objects"].items()
    account, region = arn.split(":")[4], arn.split(":")[3]
    folder = (
        f"balancer/AWSLogs/{account}/elasticloadbalancing/{region}/1970/01/01/{account}_elasticloadbalancing_{region}"
    )
    assert key.startswith(f"{folder}_app.") and "_19700101T0010Z_" in key and key.endswith(".log.gz")
    fields = shlex.split(gzip.decompress(file["body"]).decode())
    assert len(fields) == 30
    assert fields[0] == "http" and fields[2].startswith("app/") and fields[4] == f"127.0.0.1:{target.port}"
    assert fields[8:10] == ["200", "200"] and int(fields[10]) > 0 and int(fields[11]) > 0
    assert fields[12] == "POST http://anything.example.com:80/graphql?a=1 HTTP/1.1" and fields[22] == "forward"
