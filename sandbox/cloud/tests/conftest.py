"""What tests share."""

from collections.abc import Iterator

import pytest
from helpers import emulator
from helpers.emulator import Emulator

from cloud import extensions


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The whole emulated AWS without a container engine, for all tests: each takes names of its own."""
    with emulator.running(tmp_path_factory.mktemp("aws"), *extensions.ORDER) as running:
        yield running


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS of this module's own, since its clock is moved."""
    with emulator.running(tmp_path_factory.mktemp("aws"), *extensions.ORDER) as running:
        yield running
