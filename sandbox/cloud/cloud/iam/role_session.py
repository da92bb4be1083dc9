"""Act as a role: temporary credentials of its own, and AWS clients that use them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html and task_execution_IAM_role.html:
the agent acts as the execution role, the containers as the task role. Both go through the same authorization as
anybody else's calls.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config
from ministack.services import imds, sts

from cloud.core import settings

# What this module uses of MiniStack.
NEEDS = {
    imds: "_gen_secret _gen_session_access_key _gen_session_token",
    sts: "_role_id register_session",
}

# The lifetime that ECS gives to task credentials.
LIFETIME_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of one role."""

    access_key: str
    secret_key: str
    token: str
    expires: float


def assume(role_arn: str, session_name: str) -> Credentials:
    """New credentials of a role, known to the emulator's authorization."""
    found = Credentials(
        imds._gen_session_access_key(), imds._gen_secret(), imds._gen_session_token(), time.time() + LIFETIME_SECONDS
    )
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    sts.register_session(
        found.access_key,
        {
            "AccessKeyId": found.access_key,
            "SecretAccessKey": found.secret_key,
            "SessionToken": found.token,
            "Expiration": found.expires,
            "RoleArn": role_arn,
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session_name}",
            "UserId": f"{sts._role_id(role_arn)}:{session_name}",
            "AccountId": account,
            "RoleName": role,
        },
    )
    return found


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.get_session()


def client(service: str, credentials: Credentials, region: str) -> Any:
    """A client of the emulator itself that acts with the given credentials."""
    return _session().create_client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{settings.gateway_port()}",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=30),
    )
