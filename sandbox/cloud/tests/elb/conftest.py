"""What the tests of refusals share."""

import pytest
from helpers.balancing import World
from helpers.emulator import Emulator


@pytest.fixture(scope="package")
def world(aws: Emulator) -> World:
    """A load balancer with what it needs."""
    return World(aws)
