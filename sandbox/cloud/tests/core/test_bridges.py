"""Networks of tests, while other sandboxes have theirs on the same engine."""

from typing import Any

import pytest
from docker.errors import APIError
from helpers.bridges import make_bridge


class Engine:
    """An engine that refuses networks by the given words, one after the other, before it makes one."""

    def __init__(self, *refusals: str) -> None:
        self.refusals, self.asked = list(refusals), []
        self.networks = self

    def create(self, name: str, labels: Any, ipam: Any) -> str:
        self.asked.append(ipam["Config"][0]["Subnet"])
        if self.refusals:
            raise APIError(self.refusals.pop(0))
        return name


def test_a_range_that_another_sandbox_has_taken_is_not_asked_for_again() -> None:
    engine = Engine("subnet 198.18.3.0/24 is already used on the host", "Pool overlaps with other one")
    assert make_bridge(engine, "mine") == "mine"
    assert len(set(engine.asked)) == 3


def test_what_else_the_engine_refuses_is_told_at_once() -> None:
    engine = Engine("no space left on device")
    with pytest.raises(APIError, match="no space left"):
        make_bridge(engine, "mine")
    assert len(engine.asked) == 1
