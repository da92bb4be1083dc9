"""The check of an image, in an environment that is as the image has to be."""

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import runpy
import subprocess
import sys
from collections.abc import Callable

import pytest

FOLDER = pathlib.Path(__file__).parent.parent
MODULE = "asset_manager.definitions"

PATH = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
Check = dict[str, Callable]


@pytest.fixture
def check(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """The script's names, with a folder that is there in place of those of an image."""
    monkeypatch.setenv("PATH", PATH)
    names = runpy.run_path(str(FOLDER / "check.py"))
    names["breaches"].__globals__["FOLDERS"] = (str(tmp_path),)
    return names


def installed(monkeypatch: pytest.MonkeyPatch, name: str, version: str | None) -> None:
    """Let a package have another version, or none."""
    real = importlib.metadata.version

    def faked(asked: str) -> str:
        if asked != name:
            return real(asked)
        if version is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(importlib.metadata, "version", faked)


def test_the_examples_environment_keeps_the_contract(check: Check) -> None:
    assert list(check["breaches"](MODULE)) == []


@pytest.mark.parametrize(
    ("name", "version", "wanted", "found"),
    [
        ("dagster-aws", None, "dagster-aws 0.29 or later", "none that user"),
        ("dagster-postgres", "0.28.14", "dagster-postgres 0.29 or later", "0.28.14"),
        ("dagster", "1.13.1", "dagster 1.13.27 for dagster-webserver 1.13.27", "1.13.1"),
        ("sqlalchemy", "2.1.0", "sqlalchemy below 2.1", "2.1.0"),
    ],
)
def test_a_package_that_is_missing_old_or_of_another_release_is_named(
    check: Check, monkeypatch: pytest.MonkeyPatch, name: str, version: str | None, wanted: str, found: str
) -> None:
    installed(monkeypatch, name, version)
    assert any(
        heading == "packages" and said == wanted and found in instead
        for heading, said, instead in check["breaches"](MODULE)
    )


def test_a_folder_that_is_not_there_or_not_writable_is_named_with_its_owner(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    def refuse(dir: str) -> None:  # noqa: A002 as tempfile calls it
        raise PermissionError(13, "Permission denied", dir)

    tmp_path.chmod(0o755)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    check["breaches"].__globals__["FOLDERS"] = (str(tmp_path), str(tmp_path / "none"))
    found = [instead for heading, _, instead in check["breaches"](MODULE) if heading == "volumes"]
    owner = f"{tmp_path.stat().st_uid}:{tmp_path.stat().st_gid}"
    assert found == [f"Permission denied: it belongs to {owner} with mode 0755", "no such folder"]


def test_code_that_is_not_in_the_image_is_named(check: Check) -> None:
    assert [heading for heading, *_ in check["breaches"]("elsewhere.definitions")] == ["code"]


def start(tmp_path: pathlib.Path, path: str, module: str = MODULE) -> subprocess.CompletedProcess[str]:
    """What the container does, up to a command that says what it was given."""
    script = (FOLDER / "check.py").read_text().replace('"/opt/dagster", "/tmp"', repr(str(tmp_path)) + ",")
    command = ["/bin/sh", "-c", (FOLDER / "check.sh").read_text(), script, module, "echo", "two words", "$HOME"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": path})


def test_a_right_image_goes_on_with_the_command_as_it_is(tmp_path: pathlib.Path) -> None:
    done = start(tmp_path, PATH)
    assert (done.returncode, done.stdout, done.stderr) == (0, "two words $HOME\n", "")


def test_each_breach_is_one_line_of_json_and_the_command_does_not_run(tmp_path: pathlib.Path) -> None:
    done = start(tmp_path, PATH, "elsewhere")
    (line,) = done.stderr.splitlines()
    assert "(docs/image.md#code): wanted is the module elsewhere" in json.loads(line)["event"]
    assert (done.returncode, done.stdout) == (1, "")


def test_an_image_without_python_says_so(tmp_path: pathlib.Path) -> None:
    (tmp_path / "id").symlink_to("/usr/bin/id")
    done = start(tmp_path, str(tmp_path))
    (line,) = done.stderr.splitlines()
    assert "(docs/image.md#python): wanted is python on PATH for user" in json.loads(line)["event"]
    assert done.returncode == 1
