"""The webserver's start, with a real dagster-webserver."""

import pathlib
import runpy
import sys

import pytest
import uvicorn

SERVE = pathlib.Path(__file__).parent.parent / "serve.py"


def test_uvicorn_keeps_silent_connections_as_long_as_it_is_told(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {}
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text("load_from: []\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: given.update(options))
    monkeypatch.setattr(sys, "argv", ["-c", "310", "-h", "127.0.0.1", "-p", "3000", "-w", str(workspace)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SERVE), run_name="__main__")
    assert ended.value.code == 0
    assert (given["timeout_keep_alive"], given["port"]) == (310, 3000)
