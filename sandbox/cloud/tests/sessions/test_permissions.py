"""A session takes the permission on the task that is its target, and on the document where one is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, Emulator, allow, assume, running

TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/work_shop/0123"
DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
OWN_SESSIONS = f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/test-*"
ON_TASK = allow(["ssm:StartSession"], [TASK])
ON_DOCUMENT = allow(["ssm:StartSession"], [f"arn:aws:ssm:{REGION}::document/{DOCUMENT}"])


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    modules = ("cloud.iam.authorization", "cloud.sessions.service")
    with running(Path(tmp_path_factory.mktemp("emulator")), *modules) as found:
        yield found


def answer(emulator: Emulator, statements: list[dict], operation: str = "start_session", **call: str) -> str:
    """The code with which a call is refused; there is no task."""
    ssm = emulator.client("ssm", **assume(emulator, *statements))
    with pytest.raises(ClientError) as refused:
        getattr(ssm, operation)(**call)
    return refused.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    ("statements", "call", "code"),
    [
        ([ON_TASK, ON_DOCUMENT], {"DocumentName": DOCUMENT}, "TargetNotConnected"),
        ([ON_TASK], {"DocumentName": DOCUMENT}, "AccessDeniedException"),
        ([ON_DOCUMENT], {"DocumentName": DOCUMENT}, "AccessDeniedException"),
        ([ON_TASK], {}, "TargetNotConnected"),
        ([], {}, "AccessDeniedException"),
    ],
)
def test_target_and_document_are_both_judged(emulator: Emulator, statements: list[dict], call: dict, code: str) -> None:
    assert answer(emulator, statements, Target="ecs:work_shop_0123_4567", **call) == code


def test_another_task_is_another_resource(emulator: Emulator) -> None:
    assert answer(emulator, [ON_TASK], Target="ecs:work_shop_0124_4567") == "AccessDeniedException"


def test_sessions_of_others_are_not_ended(emulator: Emulator) -> None:
    statement = allow(["ssm:TerminateSession"], [OWN_SESSIONS])
    assert answer(emulator, [statement], "terminate_session", SessionId="other-1") == "AccessDeniedException"
    ssm = emulator.client("ssm", **assume(emulator, statement))
    assert ssm.terminate_session(SessionId="test-1")["SessionId"] == "test-1"
