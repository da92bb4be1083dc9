"""One network interface per task: a pause container whose network all containers of the task share.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html: each task has one network
interface with an address of its subnet, and its containers reach each other by localhost. The pause container also
knows the way to the address of the task's credentials.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, request_scope
from ministack.services import ec2, ecs

from cloud.core import containers, patch, settings
from cloud.ecs import attachments, forward
from cloud.network import interfaces, namespaces, resolver

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    ec2: "_network_interfaces",
    ecs: "_get_docker _task_is_active",
}

TASK_LABEL = "dagster.sandbox.task"
# The tasks whose containers are being started.
_joined: set[str] = set()
_lock = threading.Lock()


def name(task_id: str) -> str:
    """The pause container's name."""
    return f"dagster-sandbox-{settings.instance()}-{task_id[:13]}"


def endpoint() -> str:
    """The AWS endpoint of every task: an address that the machine's browser reaches as well, where there is one."""
    port = settings.aws_port()
    return f"http://127.0.0.1:{port}" if port else f"http://{settings.TASK_ENDPOINT}:{settings.gateway_port()}"


def ensure(docker_client: Any, task_arn: str) -> Any:
    """The pause container of a task, started when there is none."""
    from docker.errors import NotFound

    with _lock:
        try:
            pause, begun = docker_client.containers.get(name(_id(task_arn))), False
        except NotFound:
            pause, begun = _start(docker_client, task_arn), True
    if namespaces.find(task_arn) is None:
        _enter(pause, task_arn, begun)
    if begun and settings.aws_port():
        containers.until_it_speaks(pause)  # its first line says that the endpoint is served
    return pause


def _id(task_arn: str) -> str:
    return task_arn.rsplit("/", 1)[-1]


def _start(docker_client: Any, task_arn: str) -> Any:
    port = settings.aws_port()
    rest = f"catatonit -- python -m {forward.__name__} {port}" if port else "catatonit -P"
    begin = namespaces.script(task_arn, (settings.gateway_port(),))
    return docker_client.containers.run(
        settings.image(),
        ["sh", "-ec", f"{begin}exec {rest}"],
        name=name(_id(task_arn)),
        detach=True,
        network=settings.network(),
        cap_add=["NET_ADMIN"],
        environment={"GATEWAY_PORT": str(settings.gateway_port())},
        labels=settings.labels(**{TASK_LABEL: _id(task_arn)}),
        **resolver.options(),
    )


def _enter(pause: Any, task_arn: str, begun: bool) -> None:
    pause.reload()
    bridge = pause.attrs["NetworkSettings"]["Networks"][settings.network()]["IPAddress"]
    serves = (settings.gateway_port(),)
    own = namespaces.Namespace(task_arn, get_account_id(), get_region(), pause, bridge, serves)
    namespaces.enter(own, begun)


@contextlib.contextmanager
def joining(docker_client: Any, task: dict[str, Any]) -> Iterator[None]:
    """While containers join a task's network it stays: an engine that removes it meanwhile keeps half of it for good.

    A task that was stopped in this time has been cleaned up after already, and its network goes at the end.
    """
    attachments.attach(task)
    task_id = _id(task["taskArn"])
    ensure(docker_client, task["taskArn"])
    with _lock:
        _joined.add(task_id)
    try:
        yield
    finally:
        with _lock:
            _joined.remove(task_id)
        if not task.get("_docker_ids") and not ecs._task_is_active(task["taskArn"], task):
            _take_away(docker_client, task["taskArn"])


def remove(docker_client: Any, task_id: str) -> None:
    """Remove the pause container and the volumes of a task, unless containers join; they may be gone already."""
    from docker.errors import APIError, NotFound

    with _lock:
        if task_id in _joined:
            return
        with contextlib.suppress(NotFound):
            docker_client.containers.get(name(task_id)).remove(force=True, v=True)
        for volume in docker_client.volumes.list(filters={"label": f"{TASK_LABEL}={task_id}"}):
            try:
                volume.remove(force=True)
            except (NotFound, APIError):
                continue


def _take_away(docker_client: Any, task_arn: str) -> None:
    remove(docker_client, _id(task_arn))
    interfaces.release(task_arn)
    namespaces.leave(task_arn)


def sweep(docker_client: Any, kept: set[str]) -> None:
    """Remove what the tasks of an earlier life of this emulator left, except for the tasks with the ids ``kept``."""
    mine = f"{settings.INSTANCE_LABEL}={settings.instance()}"
    containers = docker_client.containers.list(all=True, filters={"label": [mine, TASK_LABEL]})
    # Podman takes several labels of volumes as alternatives.
    volumes = docker_client.volumes.list(filters={"label": mine})
    # The pause container goes after those that share its network.
    containers.sort(key=lambda each: each.name == name(each.labels[TASK_LABEL]))
    labels = [each.labels for each in containers] + [each.attrs["Labels"] for each in volumes]
    left = {each[TASK_LABEL] for each in labels if TASK_LABEL in each} - kept
    for container in containers:
        if container.labels[TASK_LABEL] in left:
            container.remove(force=True, v=True)
    for task_id in left:
        remove(docker_client, task_id)
    for (account, region, _), each in list(ec2._network_interfaces.all_items()):
        if each.get(interfaces.KIND) == interfaces.TASK and _id(each[interfaces.OWNER]) not in kept:
            with request_scope(account, region):
                interfaces.release(each[interfaces.OWNER])


def _cleanup(old: Any, task: dict[str, Any], docker_client: Any, extra_container: Any = None) -> None:
    old(task, docker_client or ecs._get_docker(), extra_container)
    _take_away(docker_client or ecs._get_docker(), task["taskArn"])


def install() -> None:
    """Take the network away with its task."""
    # Within ecs.agent, which needs the containers until it has read their last lines.
    patch.wrap(ecs, "_cleanup_task_resources", _cleanup, "task docker_client extra_container")
