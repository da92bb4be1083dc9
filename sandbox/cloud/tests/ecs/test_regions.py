"""Tasks and services work in any region, also in one that is not the emulator's own."""

import pytest
from helpers.emulator import ACCOUNT, REGION
from helpers.sandbox import running, until
from helpers.service import Service

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("region", "own_region"),
    [("eu-central-1", REGION), ("us-gov-west-1", "us-gov-west-1")],
    ids=["another region", "another partition"],
)
def test_a_service_is_steady_healthy_and_acts_as_its_role(region: str, own_region: str) -> None:
    asks = (
        "import botocore.session as s; c = s.get_session().create_client; "
        f"print(c('sts', '{region}').get_caller_identity()['Arn'], flush=True); "
        "import json, os, urllib.request as r; "
        "print(json.load(r.urlopen(os.environ['ECS_CONTAINER_METADATA_URI_V4'] + '/task'))['TaskARN'], flush=True)"
    )
    with running(region, own_region) as sandbox:
        role = sandbox.role()
        definition = sandbox.define(
            {
                "entryPoint": ["sh", "-c"],
                "command": [f'python -c "{asks}"; echo $SELF; exec sleep 600'],
                "environment": [{"name": "SELF", "value": role}],
                "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 5},
                "stopTimeout": 2,
            },
            taskRoleArn=role,
        )
        service = Service(sandbox, "web", definition=definition)
        service.settle()
        task = service.tasks()[0]
        assert sandbox.describe(task)["healthStatus"] == "HEALTHY"
        name = role.rsplit("/", 1)[-1]
        session = f"arn:{sandbox.partition}:sts::{ACCOUNT}:assumed-role/{name}/{task.rsplit('/', 1)[-1]}"
        until(
            "the output", lambda: sandbox.output(task) == [session, task, role], told=lambda: str(sandbox.output(task))
        )
        sandbox.container_of(task).kill()
        until("another task", lambda: service.tasks() not in ([], [task]))
        assert sandbox.describe(task)["stopCode"] == "EssentialContainerExited"
        service.settle()
        service.remove()
