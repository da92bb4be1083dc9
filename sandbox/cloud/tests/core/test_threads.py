"""Whatever runs beside a request knows for which account and region."""

import re
from pathlib import Path

from ministack.core.responses import get_account_id, get_region, request_scope

from cloud.core import threads

PACKAGE = Path(__file__).parents[2] / "cloud"
# These belong to no request: they go through all accounts and regions, or have to do with none.
LOOPS = {
    *("core/clock.py", "core/persistence.py", "ecs/exits.py", "ecs/services.py"),
    *("elb/front_door.py", "elb/health.py", "elb/nodes.py", "network/namespaces.py", "network/resolver.py"),
}


def test_a_thread_keeps_the_scope_of_its_caller() -> None:
    seen = []
    with request_scope("444455556666", "eu-central-1"):
        thread = threads.start(lambda: seen.append((get_account_id(), get_region())), name="test")
    thread.join()
    assert seen == [("444455556666", "eu-central-1")]


def test_nothing_else_starts_threads() -> None:
    files = {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in PACKAGE.rglob("*.py")}
    found = {name for name, text in files.items() if re.search(r"threading\.Thread\(|run_in_executor|Timer\(", text)}
    assert found == LOOPS | {"core/threads.py"}
