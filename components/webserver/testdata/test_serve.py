"""The webserver's start, with a real dagster-webserver."""

import pathlib
import runpy
import sys

import pytest
import uvicorn
from dagster_postgres import utils

SERVE = pathlib.Path(__file__).parent.parent / "serve.py"


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back in the end how engines are made."""
    monkeypatch.setattr(utils, "create_engine", utils.create_engine)


def test_silent_connections_are_kept_as_long_as_told_and_those_of_the_database_are_asked_first(
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
    # What the webserver's storages make their pools by; it connects to nothing yet.
    pool = utils.create_pg_engine("postgresql://localhost/none", pool_size=1).pool
    assert pool._pre_ping
