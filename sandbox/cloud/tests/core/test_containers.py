"""The end of a container is seen in its state."""

from types import SimpleNamespace
from typing import Any

import pytest

from cloud.core import containers


class Container:
    """A container that ends after some looks at it, and whose streams never do."""

    def __init__(self, looks: int, code: int = 0) -> None:
        self.left, self.code, self.removed = looks, code, False

    @property
    def status(self) -> str:
        return "running" if self.left > 0 else "exited"

    @property
    def attrs(self) -> dict[str, Any]:
        return {"State": {"ExitCode": self.code}}

    def reload(self) -> None:
        self.left -= 1

    def start(self) -> None:
        """Nothing to do."""

    def logs(self, **how: Any) -> bytes:
        assert not how.get("follow"), "a stream that may never end"
        return b"no such file" if self.left <= 0 else b""

    def remove(self, **_: Any) -> None:
        self.removed = True


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_POLL_SECONDS", 0)


def test_the_exit_code_is_known_once_the_container_has_ended() -> None:
    assert containers.exit_code(Container(looks=3, code=7)) == 7


def test_nobody_waits_for_what_is_not_wanted_any_more() -> None:
    answers = iter([True, True, False])
    assert containers.exit_code(Container(looks=9), lambda: next(answers)) is None


def test_a_container_speaks_or_ends() -> None:
    silent = Container(looks=2)
    containers.until_it_speaks(silent)
    assert silent.status == "exited"


@pytest.mark.parametrize("code", [0, 1])
def test_a_command_that_fails_says_so_and_its_container_goes(code: int) -> None:
    made = Container(looks=2, code=code)
    client = SimpleNamespace(containers=SimpleNamespace(create=lambda *_, **__: made))
    if code:
        with pytest.raises(RuntimeError, match="chmod 0755 exits with 1: no such file"):
            containers.run_to_end(client, "image", ["chmod", "0755"], {}, [])
    else:
        containers.run_to_end(client, "image", ["chmod", "0755"], {}, [])
    assert made.removed
