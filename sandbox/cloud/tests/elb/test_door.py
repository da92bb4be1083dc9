"""A stack's door passes on what comes to the stack's own balancer."""

import asyncio
import http.client
import socket
import threading
import time

from helpers.balancer import Target, balancer

from cloud.ecs import forward
from cloud.elb import door, front_door


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def open_door(stack: str, target_port: int) -> int:
    port = free_port()
    serving = forward.serve(port, ("127.0.0.1", target_port), first=door.greeting(stack))
    threading.Thread(target=lambda: asyncio.run(serving), daemon=True).start()
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return port
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError("the door does not open")


def test_each_door_leads_to_the_balancer_of_its_stack() -> None:
    inside = front_door.start(0, "127.0.0.1")
    dev, prod = Target(), Target()
    with balancer() as first, balancer() as second:
        for found, stack, target in ((first, "dev", dev), (second, "prod", prod)):
            found.listen()
            found.register(target)
            found.tag(Environment=stack)
            connection = http.client.HTTPConnection("127.0.0.1", open_door(stack, inside), timeout=10)
            connection.request("POST", f"/{stack}", body=b"query")
            assert connection.getresponse().read() == b"answer"
    assert [(request[1], request[3]) for request in dev.requests] == [("/dev", b"query")]
    assert [(request[1], request[3]) for request in prod.requests] == [("/prod", b"query")]
