"""Check that the image is what the program relies on, then become the command.

The first argument is the module of the code, the others are the command. Every breach is a line of its own, in the form
of Dagster's lines; docs/image.md describes the contract.
"""

from __future__ import annotations  # an older Python shall get as far as to say that it is too old

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator

PYTHON = (3, 10)
COMMANDS = ("dagster", "dagster-daemon", "dagster-webserver")
# The lowest versions: of Dagster's programs, and of its libraries, which are numbered on their own.
PACKAGES = {
    "dagster": (1, 13),
    "dagster-webserver": (1, 13),
    "dagster-aws": (0, 29),
    "dagster-postgres": (0, 29),
    "sqlalchemy": (2, 0),
}
SQLALCHEMY_BROKEN = (2, 1)
FOLDERS = ("/opt/dagster", "/tmp")


def breaches(module: str) -> Iterator[tuple[str, str, str]]:
    """The heading in docs/image.md, what is wanted, and what was found instead."""
    user = f"user {os.getuid()}"
    if sys.version_info < PYTHON:
        yield "python", f"Python {text(PYTHON)} or later", f"{text(sys.version_info[:3])} at {sys.executable}"
    for command in COMMANDS:
        if shutil.which(command) is None:
            yield "packages", f"the command {command} on PATH for {user}", f"none in {os.environ.get('PATH')}"
    yield from packages(user)
    for folder in FOLDERS:
        if found := unwritable(folder):
            yield "volumes", f"a folder {folder} that {user} can write to, declared by VOLUME", found
    top = module.partition(".")[0]
    if importlib.util.find_spec(top) is None:
        yield "code", f"the module {top} of dagster:code.module", f"none on {sys.path} that {user} can read"


def packages(user: str) -> Iterator[tuple[str, str, str]]:
    """The breaches of the packages: all of them there, new enough, and of one release."""
    versions = {}
    for name, lowest in PACKAGES.items():
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield "packages", f"{name} {text(lowest)} or later", f"none that {user} can read"
            continue
        if numbers(versions[name]) < lowest:
            yield "packages", f"{name} {text(lowest)} or later", versions[name]
    if numbers(versions.get("sqlalchemy", "")) >= SQLALCHEMY_BROKEN:
        yield "packages", f"sqlalchemy below {text(SQLALCHEMY_BROKEN)}", versions["sqlalchemy"]
    if importlib.util.find_spec("psycopg2") is None:
        yield "packages", "psycopg2, as psycopg2-binary or built", f"none that {user} can read"
    for name in versions:
        pinned = [re.match(r"dagster\s*==\s*([\w.]+)", each) for each in importlib.metadata.requires(name) or []]
        for version in [match[1] for match in pinned if match]:
            if version != versions.get("dagster"):
                yield "packages", f"dagster {version} for {name} {versions[name]}", versions.get("dagster", "none")


def unwritable(folder: str) -> str | None:
    """Why a folder cannot be written to."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        if not pathlib.Path(folder).exists():
            return "no such folder"
        state = pathlib.Path(folder).stat()
        return f"{error.strerror}: it belongs to {state.st_uid}:{state.st_gid} with mode {state.st_mode & 0o7777:04o}"


def numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def text(version: tuple[int, ...]) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def main(module: str, *command: str) -> None:
    """Report all breaches and end, or become the command."""
    found = list(breaches(module))
    for heading, wanted, instead in found:
        line = {
            "event": f"The image breaks its contract (docs/image.md#{heading}): wanted is {wanted}; found: {instead}",
            "level": "error",
            "logger": "image",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        print(json.dumps(line), file=sys.stderr, flush=True)
    if found:
        sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
