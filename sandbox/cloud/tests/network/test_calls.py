"""A call of a task arrives where a way leads to AWS, and what AWS does not have is not there for it."""

import asyncio
from typing import Any

import pytest
from helpers.network import ACCOUNT, REGION

from cloud.network import calls, namespaces

BRIDGE = "198.51.100.7"


def status(monkeypatch: pytest.MonkeyPatch, path: str, client: str = BRIDGE) -> int:
    """What a call from an address gets; 200 is the answer of the emulator behind."""
    place = namespaces.Namespace("task", ACCOUNT, REGION, None, BRIDGE, ())
    monkeypatch.setattr(namespaces, "_known", {"task": place})
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": (client, 1)}
    asyncio.run(calls._judged(app, scope, None, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize("path", ["/_sandbox/reach", "/_ministack/reset"])
def test_what_is_the_sandboxes_own_answers_the_machine_only(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert status(monkeypatch, path, "198.51.100.1") == 200
    assert status(monkeypatch, path) == 404


def test_credentials_need_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert status(monkeypatch, "/v2/credentials/1234") == 200
