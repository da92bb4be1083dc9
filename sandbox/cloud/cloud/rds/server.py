"""Run each RDS for PostgreSQL instance as a server that keeps its address, its port and its data.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html (the status ``available`` means that it
accepts connections). A container that only holds the network keeps the address while the server restarts, as a reboot
on AWS keeps the endpoint; the server joins it. MiniStack publishes a port of the host, takes every server away when it
starts again, ignores the port that was asked for and leaves the volume behind.
"""

import contextlib
import hashlib
import logging
import threading
import time
from typing import Any

import psycopg2
from docker.errors import APIError, NotFound
from ministack.core.responses import get_account_id, get_region
from ministack.services import rds

from cloud.core import containers, patch, settings, threads
from cloud.network import interfaces, namespaces, owners
from cloud.rds import parameters, roles

# What this module uses of MiniStack.
NEEDS = {
    rds: (
        "_default_port _docker_image_for_engine _error _get_docker _get_ministack_network _instances _p "
        "_rds_docker_name _record_reboot_event _resolve_instance _run_rds_container _single_instance_response "
        "_start_rds_container_for_instance"
    ),
}

log = logging.getLogger(__name__)

_STOP_SECONDS = 30
_POLL_SECONDS = 0.2
_creating = threading.RLock()


class StartError(RuntimeError):
    """The server ended before it accepted a connection."""


def install() -> None:
    """Take over how instances of PostgreSQL are started, stopped and removed."""
    patch.wrap(rds, "_image_is_local", _defer, "docker_client image")
    patch.wrap(rds, "_rds_docker_name", _name, "db_id account_id region")
    # Within rds.readback, which shows the port and the name that this sets.
    patch.wrap(rds, "_create_db_instance_impl", _create, "p")
    patch.wrap(rds, "_start_rds_container_for_instance", _start, "db_id instance")
    patch.wrap(rds, "_delete_db_instance_impl", _delete, "p")
    patch.wrap(rds, "_finish_instance_reboot", _reboot, "instance cluster")
    patch.wrap(rds, "_set_db_instance_status", _set_status, "p status response_name result_name")
    patch.wrap(rds, "_rotate_instance_password", _rotate, "instance old_pass new_pass")
    # Within rds.readback, which shows the status that this sets.
    patch.wrap_operation(rds, "ModifyDBInstance", _modify)


def is_server(instance: dict[str, Any]) -> bool:
    """Whether an instance is one of those that this module runs: PostgreSQL and no member of an Aurora cluster."""
    return instance.get("Engine") == "postgres" and not instance.get("DBClusterIdentifier")


def starts_held() -> contextlib.AbstractContextManager[Any]:
    """While this is open no server starts: what a new instance is made of can still be set."""
    return _creating


def _defer(old: Any, docker_client: Any, image: str) -> bool:
    # "Not local" makes MiniStack answer at once and call _start in the background: the one way to start a server.
    return False if image.rsplit("/", 1)[-1].startswith("postgres:") else old(docker_client, image)


def _name(old: Any, db_id: str, account_id: str | None = None, region: str | None = None) -> str:
    return old(db_id, account_id, region).replace("ministack-", f"dagster-sandbox-{settings.instance()}-", 1)


def _create(old: Any, p: dict) -> Any:
    if rds._p(p, "Engine") != "postgres" or rds._p(p, "DBClusterIdentifier"):
        return old(p)
    if rds._get_docker() is None:
        return rds._error("InsufficientDBInstanceCapacity", "there is no container engine to run a database on", 400)
    with _creating:  # _start waits for what is set below
        response = old(p)
        if response[0] != 200:
            return response
        instance = rds._instances[rds._p(p, "DBInstanceIdentifier")]
        instance["_Port"] = int(rds._p(p, "Port") or rds._default_port("postgres"))
        instance["Endpoint"] = {"Address": "", "Port": instance["_Port"], "HostedZoneId": "Z10WI91S59XXQN"}
        instance["DBName"] = rds._p(p, "DBName")
        return rds._single_instance_response("CreateDBInstanceResponse", "CreateDBInstanceResult", instance)


def _start(old: Any, db_id: str, instance: dict[str, Any]) -> None:
    if not is_server(instance):
        old(db_id, instance)
        return
    with _creating:
        pass
    try:
        bring_up(instance)
    except parameters.IncompatibleError as error:
        log.warning("%s: %s", db_id, error)
        instance["DBInstanceStatus"] = "incompatible-parameters"
    except Exception:
        log.exception("%s does not start", db_id)
        instance["DBInstanceStatus"] = "failed"
    if rds._instances.get(db_id) is not instance or instance.get("_deleting"):
        remove(instance)


def bring_up(instance: dict[str, Any]) -> None:
    """Start what is not running, give it users and parameters, and call it available."""
    client = rds._get_docker()
    holder = _holder(client, instance)
    server = _server(client, instance, holder)
    _publish(instance, holder, server)
    connection = _await(instance, server)
    roles.provision(
        connection, instance["MasterUsername"], instance["_MasterUserPassword"], instance.get("DBName") or ""
    )
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        instance["EngineVersion"] = cursor.fetchone()[0].split()[0]
    waits = parameters.apply(connection, instance)
    connection.close()
    if waits:
        server.restart(timeout=_STOP_SECONDS)
        _await(instance, server).close()
    groups = instance.get("DBParameterGroups") or [{}]
    groups[0]["ParameterApplyStatus"] = "in-sync"
    instance["DBInstanceStatus"] = "available"


def remove(instance: dict[str, Any]) -> None:
    """Remove the containers and the data of an instance."""
    client = rds._get_docker()
    name = rds._rds_docker_name(instance["DBInstanceIdentifier"])
    for container in (name, f"{name}-network"):
        try:
            client.containers.get(container).remove(force=True, v=True)
        except NotFound:
            continue
    namespaces.leave(instance["DBInstanceArn"])
    remove_volume(volume_name(instance))


def switch(instance: dict[str, Any], version: str, volume: str) -> None:
    """Put a server of another version, with another volume, in the place of the one that runs, and wait for it."""
    client = rds._get_docker()
    with contextlib.suppress(NotFound):
        running = client.containers.get(rds._rds_docker_name(instance["DBInstanceIdentifier"]))
        running.stop(timeout=_STOP_SECONDS)
        running.remove(force=True)
    instance["EngineVersion"], instance["_Volume"] = version, volume
    holder = _holder(client, instance)
    server = _server(client, instance, holder)
    _publish(instance, holder, server)
    _await(instance, server).close()


def remove_volume(name: str) -> None:
    """Remove a volume that no server uses."""
    with contextlib.suppress(NotFound):
        rds._get_docker().volumes.get(name).remove(force=True)


def major(version: str) -> int:
    """The major version in a version: 17 of 17.9."""
    return int(version.partition(".")[0])


def volume_name(instance: dict[str, Any]) -> str:
    """The volume that holds the data of an instance."""
    return instance.get("_Volume") or f"{rds._rds_docker_name(instance['DBInstanceIdentifier'])}-data"


def labels(instance: dict[str, Any]) -> dict[str, str]:
    """The labels of everything in the container engine that belongs to an instance."""
    # None of MiniStack's own: at its start it removes everything that carries them.
    return settings.labels(**{"dagster.sandbox.database": instance["DBInstanceIdentifier"]})


def copy_volume(client: Any, instance: dict[str, Any], source: str, target: str) -> None:
    """Copy all files of one volume to another."""
    # Not the database's image, whose declared volume would stay behind.
    volumes = {source: {"bind": "/from", "mode": "ro"}, target: {"bind": "/to", "mode": "rw"}}
    containers.run_to_end(client, settings.image(), ["cp", "-a", "/from/.", "/to/"], labels(instance), volumes)


def _image(instance: dict[str, Any]) -> tuple[str, str]:
    image, _, _, data_path = rds._docker_image_for_engine("postgres", instance["EngineVersion"], "", "", "")
    return image, data_path


def holder_name(instance: dict[str, Any]) -> str:
    """The name of the container that holds the network of the server."""
    return f"{rds._rds_docker_name(instance['DBInstanceIdentifier'])}-network"


def _holder(client: Any, instance: dict[str, Any]) -> Any:
    """The container that holds the network of the server."""
    name = holder_name(instance)
    try:
        holder = client.containers.get(name)
    except NotFound:
        network = rds._get_ministack_network(client)
        named = client.api.create_endpoint_config(aliases=[_host(instance)])
        holder = client.containers.create(
            settings.image() or _pulled(client, _image(instance)[0]),
            name=name,
            labels=labels(instance),
            entrypoint=["sleep", "infinity"],
            command=[],
            network=network,
            networking_config={network: named} if settings.network() else None,
            cap_add=["NET_ADMIN"],
            init=True,
        )
    if holder.status != "running":
        holder.start()
        holder.reload()
    guard(instance, holder)
    return holder


def guard(instance: dict[str, Any], holder: Any) -> None:
    """Put the server behind the security groups of its interface; one outside of a VPC has none."""
    owners.sync()
    arn = instance["DBInstanceArn"]
    if settings.network() and interfaces.of(arn):
        namespaces.enter(namespaces.Namespace(arn, get_account_id(), get_region(), holder, _address(holder), serves=()))


def _pulled(client: Any, image: str) -> str:
    try:
        client.images.get(image)
    except NotFound:
        client.images.pull(image)
    return image


def _server(client: Any, instance: dict[str, Any], holder: Any) -> Any:
    """The container of the server, running."""
    name = rds._rds_docker_name(instance["DBInstanceIdentifier"])
    try:
        server = client.containers.get(name)
        if server.attrs["HostConfig"]["NetworkMode"] != f"container:{holder.id}":
            server.remove(force=True)
            raise NotFound("its network is gone")
    except NotFound:
        image, data_path = _image(instance)
        volume = client.volumes.create(volume_name(instance), labels=labels(instance))
        if source := instance.pop("_SourceVolume", None):
            copy_volume(client, instance, source, volume.name)
        server = rds._run_rds_container(
            client,
            "postgres",
            {
                "image": image,
                "name": name,
                "labels": labels(instance),
                "network_mode": f"container:{holder.id}",
                "volumes": {volume.name: {"bind": data_path, "mode": "rw"}},
                "environment": {
                    "POSTGRES_USER": roles.ADMINISTRATOR,
                    "POSTGRES_PASSWORD": roles.administrator_password(),
                    "POSTGRES_DB": "postgres",
                },
                "command": ["postgres", "-c", f"port={instance['_Port']}"],
                "detach": True,
            },
            tls_names=[_host(instance)],
        )
    if server.status not in ("running", "created"):
        server.start()
    return server


def _address(holder: Any) -> str:
    return next(iter(holder.attrs["NetworkSettings"]["Networks"].values()))["IPAddress"]


def _host(instance: dict[str, Any]) -> str:
    """The name of the endpoint: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_CommonTasks.Connect.html."""
    _, _, _, region, account, _, name = instance["DBInstanceArn"].split(":", 6)
    own = hashlib.sha256(f"{account} {region}".encode()).hexdigest()[:11]
    return f"{name}.c{own}.{region}.rds.amazonaws.com"


def _publish(instance: dict[str, Any], holder: Any, server: Any) -> None:
    instance["_docker_container_id"] = server.id
    instance["_docker_volume_name"] = volume_name(instance)
    instance["_internal_address"], instance["_internal_port"] = _address(holder), instance["_Port"]
    # Without a sandbox's network nobody would look the name up.
    instance["Endpoint"]["Address"] = _host(instance) if settings.network() else _address(holder)


def _await(instance: dict[str, Any], server: Any) -> Any:
    """The first connection that the server accepts."""
    while True:
        try:
            return roles.connect(instance["_internal_address"], instance["_internal_port"])
        except psycopg2.OperationalError as error:
            server.reload()
            if server.status not in ("running", "created", "restarting"):
                last = server.logs(tail=5).decode(errors="replace")
                raise StartError(f"the server ended: {last}") from error
            time.sleep(_POLL_SECONDS)


def _delete(old: Any, p: dict) -> Any:
    instance = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier"))
    response = old(p)
    if response[0] == 200 and instance and is_server(instance):
        remove(instance)
    return response


def _restart(instance: dict[str, Any]) -> None:
    """Restart a server with all its parameters."""
    try:
        client = rds._get_docker()
        connection = roles.connect(instance["_internal_address"], instance["_internal_port"])
        parameters.apply(connection, instance)
        connection.close()
        client.containers.get(instance["_docker_container_id"]).restart(timeout=_STOP_SECONDS)
        bring_up(instance)
    except parameters.IncompatibleError as error:
        log.warning("%s: %s", instance["DBInstanceIdentifier"], error)
        instance["DBInstanceStatus"] = "incompatible-parameters"
    except (APIError, StartError, psycopg2.Error):
        log.exception("%s does not start again", instance["DBInstanceIdentifier"])
        instance["DBInstanceStatus"] = "failed"


def _reboot(old: Any, instance: dict[str, Any], cluster: Any) -> None:
    if not is_server(instance):
        old(instance, cluster)
        return
    _restart(instance)
    if instance["DBInstanceStatus"] == "available":
        rds._record_reboot_event(instance)


def _set_status(old: Any, p: dict, status: str, response_name: str, result_name: str) -> Any:
    """StartDBInstance and StopDBInstance, for the server too."""
    instance = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier"))
    if not instance or not is_server(instance):
        return old(p, status, response_name, result_name)
    wanted, passing, work = (
        ("available", "stopping", _stop) if status == "stopped" else ("stopped", "starting", _start_again)
    )
    if instance["DBInstanceStatus"] != wanted:
        return rds._error("InvalidDBInstanceState", f"the instance is not {wanted}", 400)
    response = old(p, passing, response_name, result_name)
    threads.start(work, instance, name="rds-server")
    return response


def _stop(instance: dict[str, Any]) -> None:
    rds._get_docker().containers.get(instance["_docker_container_id"]).stop(timeout=_STOP_SECONDS)
    instance["DBInstanceStatus"] = "stopped"


def _start_again(instance: dict[str, Any]) -> None:
    rds._start_rds_container_for_instance(instance["DBInstanceIdentifier"], instance)


def _rotate(old: Any, instance: dict[str, Any], old_pass: str, new_pass: str) -> None:
    if not is_server(instance):
        old(instance, old_pass, new_pass)
        return
    connection = roles.connect(instance["_internal_address"], instance["_internal_port"])
    roles.set_password(connection, instance["MasterUsername"], new_pass)
    connection.close()


def _modify(old: Any, p: dict) -> Any:
    """ModifyDBInstance: another parameter group waits for a reboot, another class restarts the server."""
    instance = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier"))
    if not instance or not is_server(instance):
        return old(p)
    groups, instance_class = instance["DBParameterGroups"], instance["DBInstanceClass"]
    response = old(p)
    if response[0] != 200:
        return response
    if instance["DBParameterGroups"] is not groups:
        same = instance["DBParameterGroups"][0]["DBParameterGroupName"] == groups[0]["DBParameterGroupName"]
        instance["DBParameterGroups"][0]["ParameterApplyStatus"] = (
            groups[0]["ParameterApplyStatus"] if same else "pending-reboot"
        )
    if instance["DBInstanceClass"] != instance_class and instance["DBInstanceStatus"] == "available":
        instance["DBInstanceStatus"] = "modifying"
        threads.start(_restart, instance, name="rds-restart")
    return rds._single_instance_response("ModifyDBInstanceResponse", "ModifyDBInstanceResult", instance)
