"""A link to an object that a task has signed works in the browser of the machine too."""

import urllib.request
from collections.abc import Iterator

import pytest
from helpers.emulator import REGION
from helpers.sandbox import Sandbox, running, until

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


def test_a_link_that_a_task_has_signed_is_reached_from_the_machine(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::logs/*"}
    signs = (
        "import botocore.session as s; from botocore.config import Config; "
        f"c = s.get_session().create_client('s3', '{REGION}', config=Config(signature_version='s3v4')); "
        "c.put_object(Bucket='logs', Key='a', Body=b'written by the task'); "
        "print(c.generate_presigned_url('get_object', Params={'Bucket': 'logs', 'Key': 'a'}), flush=True)"
    )
    command = {"entryPoint": ["python", "-c"], "command": [signs]}
    task = sandbox.run(sandbox.define(command, taskRoleArn=sandbox.role(read)))
    sandbox.ended(task)
    link = until("the link", lambda: sandbox.output(task))[0]
    assert link.startswith(f"http://127.0.0.1:{sandbox.port}/logs/a?")
    assert urllib.request.urlopen(link, timeout=10).read() == b"written by the task"
