"""Run a task's containers as their definition says.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: entry point, user, read-only
root, Linux parameters, sizes, volumes, the order of start; and what a failed start shows.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html: a volume without a host path begins
with what the image holds at that path, ownership included.
"""

from typing import Any

from ministack.services import ecs

from cloud.core import containers, partition, patch, settings
from cloud.ecs import agent, current, dependencies, failures, health, network, reach

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_ImagePullError _cluster_name_from_arn _deployment_for_task _get_docker _services",
}

_PIDS_AND_FILES = {"nofile": 16384, "nproc": 32768}


def order(definitions: list[dict[str, Any]]) -> list[int]:
    """The positions of the containers in the order in which they can start: dependencies first."""
    position = {d["name"]: i for i, d in enumerate(definitions)}
    done: list[int] = []

    def visit(i: int) -> None:
        if i in done:
            return
        for dependency in definitions[i].get("dependsOn") or []:
            visit(position[dependency["containerName"]])
        done.append(i)

    for i in range(len(definitions)):
        visit(i)
    return done


def _start(old: Any, task: dict[str, Any], td: dict[str, Any], overrides: Any, docker_client: Any) -> None:
    if docker_client is None or not settings.network():
        raise RuntimeError("there is no container engine to run the task")
    sequence = order(td.get("containerDefinitions", []))
    td["containerDefinitions"] = [td["containerDefinitions"][i] for i in sequence]
    task["containers"] = [task["containers"][i] for i in sequence]
    task["_container_essentials"] = [task["_container_essentials"][i] for i in sequence]
    starting = current.Starting(task, td)
    for which in ("cpu", "memory"):
        if starting.size(which):
            task[which] = str(starting.size(which))
    if storage := (task.get("overrides") or {}).get("ephemeralStorage"):
        task["ephemeralStorage"] = storage
    current.enter(starting)
    with network.joining(docker_client, task):
        old(task, td, overrides, docker_client)


def _arguments(old: Any, cdef: dict[str, Any], td: dict[str, Any], env: dict[str, str], *rest: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = old(cdef, td, env, *rest)
    starting = current.get()
    arguments.pop("network", None)
    arguments.pop("extra_hosts", None)
    # ECS runs the image's architecture; a platform here would make the engine look for it in a registry.
    arguments.pop("platform", None)
    client = ecs._get_docker()
    arguments["network_mode"] = f"container:{network.ensure(client, starting.task['taskArn']).id}"
    linux = cdef.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    simple = {
        "entrypoint": cdef.get("entryPoint"),
        "user": cdef.get("user"),
        "working_dir": cdef.get("workingDirectory"),
        "read_only": cdef.get("readonlyRootFilesystem"),
        "cap_drop": capabilities.get("drop"),
        "cap_add": capabilities.get("add"),
        "init": linux.get("initProcessEnabled"),
        "tmpfs": {t["containerPath"]: _tmpfs(t) for t in linux.get("tmpfs") or []},
    }
    arguments.update({key: value for key, value in simple.items() if value})
    if starting.size("cpu"):
        arguments["nano_cpus"] = starting.size("cpu") * 1_000_000_000 // 1024
    if memory := cdef.get("memory") or starting.size("memory"):
        arguments["mem_limit"] = f"{memory}m"
    if cdef.get("ulimits"):
        arguments["ulimits"] = _ulimits(cdef["ulimits"])
    binds = list(arguments.get("volumes") or []) + _volumes(client, starting, cdef)
    if binds:
        arguments["volumes"] = binds
    arguments["environment"] = {**arguments["environment"], "AWS_ENDPOINT_URL": network.endpoint()}
    # At its start and end MiniStack removes whatever carries its own labels; tasks outlive it (ecs.restart).
    kept = {key: value for key, value in arguments["labels"].items() if not key.startswith("ministack")}
    arguments["labels"] = kept | {network.TASK_LABEL: starting.id}
    for given in ("environment", "command", "labels"):
        arguments[given] = partition.here().outward(arguments.get(given))
    return arguments


def _tmpfs(mount: dict[str, Any]) -> str:
    return ",".join([f"size={mount['size']}m", *(mount.get("mountOptions") or [])])


def _ulimits(wanted: list[dict[str, Any]]) -> list[Any]:
    from docker.types import Ulimit

    limits = {name: (value, value) for name, value in _PIDS_AND_FILES.items()}
    for limit in wanted:
        hard = min(limit["hardLimit"], _PIDS_AND_FILES.get(limit["name"], limit["hardLimit"]))
        limits[limit["name"]] = (min(limit["softLimit"], hard), hard)
    return [Ulimit(name=name, soft=soft, hard=hard) for name, (soft, hard) in limits.items()]


def _volumes(client: Any, starting: current.Starting, cdef: dict[str, Any]) -> list[str]:
    """The binds of the container, for the task's volumes that have no host path."""
    own = {v["name"] for v in starting.definition.get("volumes") or [] if not (v.get("host") or {}).get("sourcePath")}
    binds = []
    for mount in cdef.get("mountPoints") or []:
        if mount["sourceVolume"] not in own:
            continue
        volume = f"{network.name(starting.id)}-{mount['sourceVolume']}"
        if mount["sourceVolume"] not in starting.volumes:
            starting.volumes.add(mount["sourceVolume"])
            client.volumes.create(name=volume, labels=settings.labels(**{network.TASK_LABEL: starting.id}))
            if not _declared(client, cdef["image"], mount["containerPath"]):
                _give_to_root(client, volume, starting.id)
        mode = "ro" if mount.get("readOnly") else "rw"
        binds.append(f"{volume}:{mount['containerPath']}:{mode}")
    return binds


def _declared(client: Any, image: str, path: str) -> bool:
    """Whether the image's VOLUME names the path: then the volume begins as the image's directory, owner included."""
    from docker.errors import ImageNotFound

    try:
        declared = client.images.get(image).attrs["Config"].get("Volumes") or {}
    except ImageNotFound:  # the start says so
        return False
    return path.rstrip("/") in {each.rstrip("/") for each in declared}


def _give_to_root(client: Any, volume: str, task_id: str) -> None:
    """Any other volume belongs to root, with mode 0755; engines would give it to the first container's user."""
    labels = settings.labels(**{network.TASK_LABEL: task_id})
    containers.run_to_end(client, settings.image(), ["chmod", "0755", "/volume"], labels, [f"{volume}:/volume"])


def _run(docker_client: Any, cdef: dict[str, Any], run_kwargs: dict[str, Any], **_: Any) -> Any:
    """Start one container when its dependencies allow; a missing image is pulled, or the start fails as on AWS."""
    from docker.errors import APIError, ImageNotFound

    starting = current.get()
    for dependency in cdef.get("dependsOn") or []:
        dependencies.wait(starting, cdef["name"], dependency)
    image = cdef["image"]
    reach.registry(image)
    try:
        docker_client.images.get(image)
    except ImageNotFound:
        try:
            docker_client.images.pull(image)
        except APIError as exc:
            raise ecs._ImagePullError(f"pull image manifest has been retried: {image}: {exc.explanation}") from exc
    agent.open_log(cdef, starting.id)
    try:
        container = docker_client.containers.create(image, **{k: v for k, v in run_kwargs.items() if k != "detach"})
    except APIError as exc:
        raise failures.refused(starting.task, cdef["name"], "Create", str(exc.explanation)) from exc
    try:
        container.start()
    except APIError as exc:
        container.remove(force=True, v=True)
        raise failures.refused(starting.task, cdef["name"], "Start", str(exc.explanation)) from exc
    starting.started[cdef["name"]] = container
    health.watch(starting, cdef, container)
    return container


def _prepared(old: Any, task: dict[str, Any], td: dict[str, Any], docker_client: Any) -> None:
    """Images are the engine's own here; nothing has to be looked up in a registry before the first task."""
    del old, docker_client
    cluster, group = ecs._cluster_name_from_arn(task.get("clusterArn", "")), task.get("group", "")
    if cluster and group.startswith("service:"):
        service = ecs._services.get(f"{cluster}/{group.split(':', 1)[1]}")
        deployment = ecs._deployment_for_task(service, task) if service else None
        if deployment:
            deployment["_image_resolution_complete"] = True


def install() -> None:
    """Replace how MiniStack starts the containers of a task."""
    patch.wrap(ecs, "_start_task_worker", _start, "task td container_overrides docker_client")
    patch.wrap(
        ecs,
        "_build_run_kwargs",
        _arguments,
        "cdef td env port_bindings ecs_network host_mode task_id task_arn ministack_net_ip cluster_arn",
    )
    patch.replace(ecs, "_run_docker_container", _run)
    patch.wrap(ecs, "_prepare_service_images", _prepared, "task td docker_client")
