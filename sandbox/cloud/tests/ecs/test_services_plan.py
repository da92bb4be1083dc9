"""How many tasks a service may start and must stop, within its percentages."""

import pytest

from cloud.ecs.services import Tasks, plan


@pytest.mark.parametrize(
    ("what", "desired", "percent", "tasks", "healthy", "expected"),
    [
        ("a new service starts all", 2, (100, 200), (0, 0, 0), (0, 0), (2, 0)),
        ("nothing to do", 2, (100, 200), (2, 0, 0), (2, 0), (0, 0)),
        ("a killed task is replaced", 2, (100, 200), (1, 0, 0), (1, 0), (1, 0)),
        ("the successor comes before the old one goes", 1, (100, 200), (0, 1, 0), (0, 1), (1, 0)),
        ("the old one serves on while the new one is not healthy", 1, (100, 200), (1, 1, 0), (0, 1), (0, 0)),
        ("the old one goes when the new one is healthy", 1, (100, 200), (1, 1, 0), (1, 1), (0, 1)),
        ("one of two goes when one of two is healthy", 2, (100, 200), (2, 2, 0), (1, 2), (0, 1)),
        ("a singleton's old task goes first", 1, (0, 100), (0, 1, 0), (0, 1), (0, 1)),
        ("and no second one starts while it still runs down", 1, (0, 100), (0, 0, 1), (0, 0), (0, 0)),
        ("then its successor starts", 1, (0, 100), (0, 0, 0), (0, 0), (1, 0)),
        ("after a rollback the failed deployment's task goes", 1, (100, 200), (1, 1, 0), (1, 0), (0, 1)),
        ("an old task that is not healthy makes room at once", 1, (100, 100), (0, 1, 0), (0, 0), (0, 1)),
        ("scaled to nothing", 0, (100, 200), (0, 2, 0), (0, 2), (0, 2)),
    ],
)
def test_plan(
    what: str,
    desired: int,
    percent: tuple[int, int],
    tasks: tuple[int, int, int],
    healthy: tuple[int, int],
    expected: tuple[int, int],
) -> None:
    config = {"minimumHealthyPercent": percent[0], "maximumPercent": percent[1]}
    service = {"desiredCount": desired, "deploymentConfiguration": config}
    current, stale, stopping = tasks
    assert plan(service, Tasks([{}] * current, [{}] * stale, stopping), *healthy) == expected, what
