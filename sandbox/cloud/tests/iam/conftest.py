"""What tests of where calls come from share."""

from collections.abc import Iterator

import pytest
from helpers.network import ACCOUNT, BRIDGE, REGION, TASK, Network, network_of_tasks

from cloud.network import namespaces


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """A VPC with a task in it."""
    with network_of_tasks() as found:
        found.task(TASK)
        place = namespaces.Namespace(TASK, ACCOUNT, REGION, None, BRIDGE, ())
        monkeypatch.setattr(namespaces, "_known", {TASK: place})
        yield found
