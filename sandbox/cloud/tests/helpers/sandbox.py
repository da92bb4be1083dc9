"""A whole emulator in a container of its own, with this source tree and a network of its own, for tests of tasks.

It needs a container engine (``DOCKER_HOST``) and the emulator's image (``SANDBOX_IMAGE``).
"""

import contextlib
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import docker
from docker.errors import APIError

from helpers.bridges import make_bridge
from helpers.emulator import ACCOUNT, REGION
from helpers.vpc import make_vpc

IMAGE = os.environ.get("SANDBOX_IMAGE", "localhost/dagster-sandbox/emulator:dev")
SOURCE = Path(__file__).parents[2] / "cloud"
ADMINISTRATOR = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "administrator"}
# Long enough for a machine that does much else: what has come ends the wait at once.
LIMIT_SECONDS = 300


def until(what: str, found: Callable[[], Any], limit: float = LIMIT_SECONDS, told: Callable[[], Any] = str) -> Any:
    """Wait until ``found`` answers something true, and give it; ``told`` is asked what there is in its place."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.2)
    raise AssertionError(f"waited in vain for {what}: {told()}")


class Sandbox:
    """An emulator with a cluster, a log group and a role for tasks."""

    def __init__(self, region: str = REGION, own_region: str = REGION) -> None:
        """Work in ``region``, on an emulator whose own is ``own_region``."""
        self.region, self.own_region = region, own_region
        self.engine = docker.from_env(timeout=120)
        self.instance = f"t-{secrets.token_hex(4)}"
        self.name = f"dagster-sandbox-{self.instance}"
        self.labels = {"dagster.sandbox.instance": self.instance}
        self.network = make_bridge(self.engine, self.name, self.labels)
        self.volume = self.engine.volumes.create(self.name, labels=self.labels)
        self.container: Any = None
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.partition = boto3.Session().get_partition_for_region(region)

    def start(self) -> None:
        """Start the emulator; a second time it finds its state again."""
        socket_path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        state = "/var/lib/cloud"
        self.container = self.engine.containers.run(
            IMAGE,
            name=self.name,
            hostname=self.name,
            detach=True,
            network=self.name,
            labels=self.labels,
            cap_add=["NET_ADMIN"],
            ports={"4566/tcp": ("127.0.0.1", self.port)},
            volumes=[f"{socket_path}:/var/run/docker.sock", f"{SOURCE}:/opt/cloud/cloud:ro", f"{self.name}:{state}"],
            environment={
                "GATEWAY_PORT": "4566",
                "AUTH": "true",
                "MINISTACK_ACCOUNT_ID": ACCOUNT,
                "MINISTACK_REGION": self.own_region,
                "DOCKER_NETWORK": self.name,
                "SANDBOX_AWS_PORT": str(self.port),
                "SANDBOX_INSTANCE": self.instance,
                "SANDBOX_IMAGE": IMAGE,
                "SANDBOX_ROOT_ACCESS_KEY_ID": ADMINISTRATOR["aws_access_key_id"],
                "SANDBOX_ROOT_SECRET_ACCESS_KEY": ADMINISTRATOR["aws_secret_access_key"],
                "PERSIST_STATE": "1",
                "STATE_DIR": f"{state}/state",
                "S3_DATA_DIR": f"{state}/s3",
                "S3_PERSIST": "1",
            },
        )
        self.container.reload()
        self.address = self.container.attrs["NetworkSettings"]["Networks"][self.name]["IPAddress"]
        until("the emulator", self._answers)

    def _answers(self) -> bool:
        self.container.reload()
        assert self.container.status == "running", self.container.logs(tail=30).decode()
        with contextlib.suppress(OSError), socket.create_connection((self.address, 4566), timeout=1):
            return True
        return False

    def stop(self) -> None:
        """End the emulator, as the driver does."""
        self.container.stop(timeout=30)
        self.container.remove()

    def prepare(self) -> None:
        """Make what tasks need."""
        self.vpc = make_vpc(self.client("ec2"))
        self.client("ecs").create_cluster(clusterName="work", capacityProviders=["FARGATE", "FARGATE_SPOT"])
        self.client("logs").create_log_group(logGroupName="tasks")
        self.group = f"arn:{self.partition}:logs:{self.region}:{ACCOUNT}:log-group:tasks"
        self.execution = self.role(
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": [self.group, f"{self.group}:*"],
            }
        )

    def client(self, service: str, region: str = "") -> Any:
        """A client of one service, as the administrator."""
        endpoint = f"http://{self.address}:4566"
        return boto3.client(service, region_name=region or self.region, endpoint_url=endpoint, **ADMINISTRATOR)

    def role(self, *statements: dict, service: str = "ecs-tasks.amazonaws.com") -> str:
        """A new role for tasks, or another service, with the given statements."""
        iam, name = self.client("iam"), f"r-{secrets.token_hex(4)}"
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        document = {"Version": "2012-10-17", "Statement": [trust]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        return arn

    def define(self, *containers: dict, **task: Any) -> str:
        """Register a task definition; containers run the emulator's image with ``sh -c`` and log to the group."""
        family = f"f-{secrets.token_hex(4)}"
        complete = []
        for container in containers:
            name = container.get("name", "main")
            options = {"awslogs-group": "tasks", "awslogs-region": self.region, "awslogs-stream-prefix": "t"}
            complete.append(
                {
                    "name": name,
                    "image": IMAGE,
                    "essential": True,
                    "logConfiguration": {"logDriver": "awslogs", "options": options},
                    **container,
                }
            )
        given = {"cpu": "256", "memory": "512", "executionRoleArn": self.execution, **task}
        return self.client("ecs").register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=complete,
            **given,
        )["taskDefinition"]["taskDefinitionArn"]

    def run(self, definition: str, **more: Any) -> str:
        """Run a task and answer its ARN."""
        capacity = {} if "capacityProviderStrategy" in more else {"launchType": "FARGATE"}
        started = self.client("ecs").run_task(
            cluster="work",
            taskDefinition=definition,
            **{"networkConfiguration": self.vpc.configuration, **capacity, **more},
        )
        return started["tasks"][0]["taskArn"]

    def describe(self, task: str) -> dict:
        """What DescribeTasks says."""
        return self.client("ecs").describe_tasks(cluster="work", tasks=[task])["tasks"][0]

    def ended(self, task: str) -> dict:
        """Wait until a task is STOPPED and its containers are gone: then their last lines are in the log."""

        def found() -> dict | None:
            described = self.describe(task)
            label = {"label": f"dagster.sandbox.task={task.rsplit('/', 1)[-1]}"}
            try:
                left = self.engine.containers.list(all=True, sparse=True, filters=label)
            except APIError as error:  # Podman's answer while a container ends that it looks at
                if "no such process" not in str(error):
                    raise
                return None
            return described if described["lastStatus"] == "STOPPED" and not left else None

        return until(f"the end of {task}", found)

    def output(self, task: str, container: str = "main") -> list[str]:
        """The lines in the log stream of a container."""
        logs, stream = self.client("logs"), f"t/{container}/{task.rsplit('/', 1)[-1]}"
        events = logs.get_log_events(logGroupName="tasks", logStreamName=stream, startFromHead=True)["events"]
        return [event["message"] for event in events]

    def container_of(self, task: str, name: str = "main") -> Any:
        """The engine's container."""
        labels = [f"com.amazonaws.ecs.task-arn={task}", f"com.amazonaws.ecs.container-name={name}"]
        return self.engine.containers.list(all=True, filters={"label": labels})[0]

    def left(self) -> list[str]:
        """What tasks have left in the engine."""
        label = {"label": f"dagster.sandbox.instance={self.instance}"}
        # Sparse: a container that goes while it is listed is no error.
        found = self.engine.containers.list(all=True, sparse=True, filters=label)
        names = [c.attrs["Names"][0].lstrip("/") for c in found]
        names += [volume.name for volume in self.engine.volumes.list(filters=label)]
        return [each for each in names if each != self.name and not each.startswith(f"{self.name}-balancer-")]

    def gone(self) -> None:
        """Wait until tasks have left nothing."""
        until("nothing to be left", lambda: not self.left(), told=self.left)

    def remove(self) -> None:
        """Take everything away."""
        self.container.remove(force=True, v=True)
        label = {"label": f"dagster.sandbox.instance={self.instance}"}
        found = self.engine.containers.list(all=True, filters=label)
        # A container whose network others share goes after them.
        for container in sorted(found, key=lambda c: not c.attrs["HostConfig"]["NetworkMode"].startswith("container:")):
            container.remove(force=True, v=True)
        for volume in self.engine.volumes.list(filters=label):
            volume.remove(force=True)
        self.network.remove()


@contextlib.contextmanager
def running(region: str = REGION, own_region: str = REGION) -> Iterator[Sandbox]:
    """A sandbox that is gone afterwards; what the emulator said is shown when a test failed."""
    found = Sandbox(region, own_region)
    found.start()
    try:
        found.prepare()
        yield found
    finally:
        print(found.container.logs(tail=100).decode())
        found.remove()
