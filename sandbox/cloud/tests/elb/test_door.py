"""A door leads from the machine to a load balancer on the internet, and checks who that is."""

import asyncio
import http.client
import socket
import ssl
import threading
import time

import pytest
from helpers.balancer import Target
from ministack.core import x509_utils

from cloud.elb import door, node

NAME = "ui.example.com"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def served(port: int, serving: object) -> int:
    """A port at which something serves in a thread of its own."""
    threading.Thread(target=lambda: asyncio.run(serving), daemon=True).start()
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return port
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError("it does not listen")


def answer(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/graphql", body=b"query")
    return connection.getresponse().read()


def test_a_door_leads_to_its_balancer() -> None:
    target, port = Target(), free_port()
    served(port, door.serve(port, ("127.0.0.1", target.port)))
    assert answer(port) == b"answer"


def test_a_door_speaks_tls_and_only_to_whom_the_certificate_is_for() -> None:
    authority, key = x509_utils.generate_ca()
    certificate, own_key, _ = x509_utils.sign_leaf_certificate(authority, key, NAME, [NAME])
    target = Target()
    target.server.socket = node.secured(own_key + certificate).wrap_socket(target.server.socket, server_side=True)
    right, wrong = free_port(), free_port()
    served(right, door.serve(right, ("127.0.0.1", target.port), NAME, authority))
    served(wrong, door.serve(wrong, ("127.0.0.1", target.port), "other.example.com", authority))
    assert answer(right) == b"answer"
    with pytest.raises((http.client.RemoteDisconnected, ssl.SSLError, ConnectionResetError)):
        answer(wrong)
