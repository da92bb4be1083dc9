"""State and tasks outlive the emulator, whether it ends in order or is killed."""

from collections.abc import Callable, Iterator

import pytest
from helpers.emulator import REGION
from helpers.sandbox import Sandbox, running, until
from helpers.service import Service

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


def restart(sandbox: Sandbox) -> None:
    """An orderly end, as the driver asks for."""
    sandbox.stop()
    sandbox.start()


def kill(sandbox: Sandbox) -> None:
    """No end at all, after the state was last saved."""
    command = ["sh", "-c", "touch /tmp/now; while [ ! /var/lib/cloud/state/ecs.json -nt /tmp/now ]; do sleep 0.2; done"]
    assert sandbox.container.exec_run(command).exit_code == 0
    sandbox.container.remove(force=True)
    sandbox.start()


@pytest.mark.parametrize("how", [restart, kill])
def test_tasks_run_on(sandbox: Sandbox, how: Callable[[Sandbox], None]) -> None:
    role = sandbox.role({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    loop = (
        "import botocore.session as s, time\\n"
        "c = s.get_session().create_client('s3')\\n"
        "while True:\\n"
        "  try: print(len(c.list_buckets()['Buckets']), 'buckets', flush=True)\\n"
        "  except Exception as e: print(type(e).__name__, flush=True)\\n"
        "  time.sleep(1)\\n"
    )
    run = sandbox.run(
        sandbox.define(
            {
                "command": ["sh", "-c", f'printf "{loop}" > /tmp/loop.py && exec python /tmp/loop.py'],
                "environment": [{"name": "AWS_DEFAULT_REGION", "value": REGION}],
                "stopTimeout": 3,
            },
            taskRoleArn=role,
        )
    )
    service = Service(sandbox, f"keeps-{how.__name__}", "echo begun; exec sleep 600")
    service.settle()
    until("the run", lambda: "0 buckets" in sandbox.output(run))
    served = service.tasks()
    before = {task: sandbox.container_of(task).id for task in [run, *served]}
    how(sandbox)
    until("the emulator to know them", lambda: sandbox.describe(run)["lastStatus"] == "RUNNING")
    assert service.tasks() == served
    assert {task: sandbox.container_of(task).id for task in before} == before
    seen = len(sandbox.output(run))
    until("its output to go on", lambda: "0 buckets" in sandbox.output(run)[seen:])
    assert not [line for line in sandbox.output(run)[seen:] if line == "ClientError"]
    assert sandbox.output(served[0]) == ["begun"]
    assert service.steady()
    sandbox.client("ecs").stop_task(cluster="work", task=run)
    sandbox.ended(run)
    service.remove()


def test_what_ended_meanwhile_is_stopped_and_its_service_starts_anew(sandbox: Sandbox) -> None:
    service = Service(sandbox, "ends", "exec sleep 600")
    service.settle()
    before = service.tasks()[0]
    sandbox.stop()
    sandbox.container_of(before).kill()
    sandbox.start()
    until("another task", lambda: service.tasks() not in ([], [before]))
    assert sandbox.describe(before)["lastStatus"] == "STOPPED"
    service.settle()
    service.remove()
