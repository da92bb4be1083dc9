"""The webserver's health check, on a real dagster-webserver."""

import http.client
import json
import pathlib
import runpy
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from dagster_webserver.webserver import DagsterWebserver

FOLDER = pathlib.Path(__file__).parent.parent
wrong: Callable[..., str | None] = runpy.run_path(str(FOLDER / "answers.py"))["wrong"]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a dagster-webserver without code."""
    home = tmp_path_factory.mktemp("home")
    (home / "workspace.yaml").write_text("load_from: []\n")
    made: list[Any] = []
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setenv("DAGSTER_HOME", str(home))
        patch.setattr(uvicorn, "run", lambda app, **_: made.append(app))
        patch.setattr(sys, "argv", ["-c", "310", "-w", str(home / "workspace.yaml")])
        runpy.run_path(str(FOLDER / "serve.py"), run_name="__main__")
    server = uvicorn.Server(uvicorn.Config(made[0], port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_webserver_that_answers_a_query_works(port: int) -> None:
    assert wrong(port) is None


def test_only_the_content_tells_a_wrong_path_from_the_right_one(port: int) -> None:
    assert get(port, "/server_inf")[0] == get(port, "/server_info")[0] == 200
    assert json.loads(get(port, "/server_info")[1]).keys() >= {"dagster_version", "dagster_webserver_version"}
    with pytest.raises(ValueError):
        json.loads(get(port, "/server_inf")[1])


def test_an_answer_that_is_none_of_graphql_is_no_sign_of_life(port: int) -> None:
    assert "the answer has no version" in str(wrong(port, "/graphq"))


def test_a_webserver_whose_threads_all_hang_is_dead_although_it_tells_its_versions(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = threading.Event()
    monkeypatch.setattr(DagsterWebserver, "graphql_execution_thread", lambda *_, **__: hanging.wait(30))
    monkeypatch.setitem(wrong.__globals__, "SECONDS", 1)
    try:
        assert str(wrong(port)).startswith("no answer: ")
        assert get(port, "/server_info")[0] == 200
    finally:
        hanging.set()


def test_a_port_that_nobody_listens_on_is_no_webserver() -> None:
    assert "Connection refused" in str(wrong(1))
