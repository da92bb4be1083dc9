"""An emulator of their own for the tests of databases and storage: a process, an instance and a network each time."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import docker

from helpers.bridges import make_bridge

REGION = "us-west-1"
SECOND_REGION = "us-west-2"
ACCOUNT = "111122223333"
_SERVE = """
import sys
from cloud import extensions
from cloud.core import settings
settings.prepare()
names, sys.argv[1:] = sys.argv[1:], []
extensions.install(names)
from ministack.app import main
main()
"""


class Emulator:
    """A running emulator with the given extensions."""

    def __init__(self, state: Path, modules: tuple[str, ...], region: str = REGION) -> None:
        self.state, self.modules, self.region, self.network = state, modules, region, ""
        self.instance = f"t-{secrets.token_hex(4)}"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        environment = os.environ | {
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": self.region,
            "DOCKER_NETWORK": self.network,
            "SANDBOX_INSTANCE": self.instance,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state / "state"),
            "S3_DATA_DIR": str(self.state / "s3"),
            "RDS_PERSIST": "1",
            "S3_PERSIST": "1",
            "SANDBOX_ROOT_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "SANDBOX_ROOT_SECRET_ACCESS_KEY": "administrator",
            "MINISTACK_HOST": "127.0.0.1",
        }
        if not self.network:
            environment["DOCKER_HOST"] = f"unix://{self.state}/no-engine"
        with (self.state / "log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _SERVE, *self.modules], env=environment, stdout=output, stderr=output
            )
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert self.process.poll() is None, (self.state / "log").read_text()[-3000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """End the process; its state stays."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def client(self, service: str, region: str = "", **credentials: str) -> Any:
        """A client of one service, as the administrator unless other credentials are given."""
        given = credentials or {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "administrator"}
        return boto3.client(
            service, region_name=region or self.region, endpoint_url=f"http://127.0.0.1:{self.port}", **given
        )


@contextlib.contextmanager
def running(state: Path, *modules: str, region: str = REGION) -> Iterator[Emulator]:
    """An emulator without a container engine's help."""
    emulator = Emulator(state, modules, region)
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()


@contextlib.contextmanager
def running_with_engine(state: Path, *modules: str) -> Iterator[Emulator]:
    """An emulator with a network; everything that it makes there is removed in the end."""
    engine = docker.from_env(timeout=120)
    emulator = Emulator(state, modules)
    emulator.network = f"dagster-sandbox-{emulator.instance}"
    network = make_bridge(engine, emulator.network)
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()
        label = {"label": f"dagster.sandbox.instance={emulator.instance}"}
        containers = engine.containers.list(all=True, filters=label)
        for container in sorted(containers, key=lambda found: found.name):  # a server before what holds its network
            container.remove(force=True, v=True)
        for volume in engine.volumes.list(filters=label):
            volume.remove(force=True)
        network.remove()


def assume(emulator: Emulator, *statements: dict) -> dict[str, str]:
    """The temporary credentials of a new role with the given statements."""
    role = make_role(emulator, "ec2.amazonaws.com", *statements, principal={"AWS": ACCOUNT})
    found = emulator.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def make_role(emulator: Emulator, service: str, *statements: dict, principal: dict | None = None) -> str:
    """A new role with the given statements."""
    iam, name = emulator.client("iam"), f"r-{secrets.token_hex(4)}"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal or {"Service": service}}
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    if statements:
        iam.put_role_policy(
            RoleName=name,
            PolicyName="p",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        )
    return role["Role"]["Arn"]


def allow(actions: list[str], resources: list[str], condition: dict | None = None) -> dict:
    """A statement."""
    statement: dict = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})
