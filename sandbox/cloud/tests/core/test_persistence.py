"""The state is saved while threads change it."""

from collections.abc import Callable

import pytest

from cloud.core import persistence


def growing(times: int) -> Callable[[], dict[str, int]]:
    """A service whose state grows while it is copied, so many times."""
    state, left = {"a": 1, "b": 2}, [times]

    def get_state() -> dict[str, int]:
        copied = {}
        for name, value in state.items():
            copied[name] = value
            if left[0]:
                left[0] -= 1
                state[f"added-{left[0]}"] = 0
        return copied

    return get_state


def test_a_state_that_grows_while_it_is_copied_is_copied_again() -> None:
    assert persistence.steady(growing(3)) == {"a": 1, "b": 2, "added-0": 0, "added-1": 0, "added-2": 0}


def test_one_that_never_rests_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        persistence.steady(growing(1000))
