"""A database is a server of its own, with a master as on RDS, its parameters, its address and its data."""

import time
from collections.abc import Iterator
from pathlib import Path

import docker
import psycopg2
import pytest
from helpers.emulator import Emulator, running_with_engine
from helpers.sandbox import until
from helpers.signals import advance

pytestmark = pytest.mark.engine
# The labels of the databases here, to which the sandbox's own is added.
OWN = ["dagster.sandbox.database"]
MASTER, PASSWORD = "dagster_admin", "correct-horse-battery"
MODULES = (
    *("cloud.core.clock", "cloud.rds.parameters", "cloud.rds.server", "cloud.rds.upgrades", "cloud.rds.snapshots"),
    "cloud.rds.metrics",
)


def on_the_bridge(name: str) -> str:
    """The address of a database on the bridge, for which its name stands there: these have no place in a VPC."""
    for container in docker.from_env().containers.list(filters={"label": OWN}):
        for network in container.attrs["NetworkSettings"]["Networks"].values():
            if name in (network.get("Aliases") or []):
                return str(network["IPAddress"])
    raise AssertionError(f"no container is called {name}")


def connect(
    address: str, port: int, user: str = MASTER, password: str = PASSWORD, sslmode: str = "require", options: str = ""
) -> psycopg2.extensions.connection:
    connection = psycopg2.connect(
        host=address,
        hostaddr=on_the_bridge(address),
        port=port,
        user=user,
        password=password,
        dbname="dagster",
        sslmode=sslmode,
        options=options,
        connect_timeout=5,
    )
    connection.autocommit = True
    return connection


def query(connection: psycopg2.extensions.connection, statement: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def await_status(emulator: Emulator, status: str, name: str = "db") -> dict:
    while True:
        found = emulator.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        if found["DBInstanceStatus"] == status:
            return found
        assert found["DBInstanceStatus"] not in ("failed", "incompatible-parameters"), found
        time.sleep(0.2)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_with_engine(Path(tmp_path_factory.mktemp("emulator")), *MODULES) as found:
        OWN.append(f"dagster.sandbox.instance={found.instance}")
        rds = found.client("rds")
        rds.create_db_parameter_group(DBParameterGroupName="g", DBParameterGroupFamily="postgres17", Description="g")
        rds.modify_db_parameter_group(
            DBParameterGroupName="g",
            Parameters=[
                {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"},
                {"ParameterName": "log_min_duration_statement", "ParameterValue": "750", "ApplyMethod": "immediate"},
                {"ParameterName": "autovacuum_naptime", "ParameterValue": "17", "ApplyMethod": "pending-reboot"},
                {
                    "ParameterName": "shared_preload_libraries",
                    "ParameterValue": "pg_stat_statements",
                    "ApplyMethod": "pending-reboot",
                },
            ],
        )
        created = rds.create_db_instance(
            DBInstanceIdentifier="db",
            Engine="postgres",
            EngineVersion="17",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            DBName="dagster",
            MasterUsername=MASTER,
            MasterUserPassword=PASSWORD,
            Port=5433,
            DBParameterGroupName="g",
        )["DBInstance"]
        assert created["DBInstanceStatus"] == "creating"
        await_status(found, "available")
        yield found


@pytest.fixture
def database(emulator: Emulator) -> dict:
    return await_status(emulator, "available")


def test_available_means_that_it_answers_at_the_port_asked_for(database: dict) -> None:
    assert database["Endpoint"]["Port"] == 5433
    assert database["EngineVersion"].startswith("17.")
    assert query(connect(database["Endpoint"]["Address"], 5433), "SHOW server_version")[0][0].startswith("17.")


def test_its_metrics_are_those_of_the_server(emulator: Emulator, database: dict) -> None:
    clients = [connect(database["Endpoint"]["Address"], 5433) for _ in range(3)]

    def newest(name: str) -> float:
        advance(emulator, 60)
        points = emulator.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName=name,
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "db"}],
            StartTime=0,
            EndTime=2**33,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return points[-1]["Maximum"] if points else 0.0

    until("the connections", lambda: newest("DatabaseConnections") == len(clients))
    values = {name: newest(name) for name in ("FreeStorageSpace", "FreeableMemory")}
    assert 19 * 2**30 < values["FreeStorageSpace"] < 20 * 2**30
    assert 0 < values["FreeableMemory"] < 2**30
    for client in clients:
        client.close()


def test_master_is_no_superuser(database: dict) -> None:
    master = connect(database["Endpoint"]["Address"], 5433)
    assert query(
        master,
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
        "WHERE rolname = current_user",
    ) == [(False, True, True, False, False)]
    assert query(master, "SELECT pg_has_role(current_user, 'rds_superuser', 'member')") == [(True,)]
    assert query(master, "SELECT rolname FROM pg_roles WHERE rolsuper") == [("rdsadmin",)]
    assert query(master, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'dagster'") == [(MASTER,)]
    assert query(master, "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'") == [
        ("pg_database_owner",)
    ]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(master, "CREATE ROLE other SUPERUSER")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(master, "SELECT passwd FROM pg_shadow")


def test_roles_of_the_program_work_with_that_master(database: dict) -> None:
    address = database["Endpoint"]["Address"]
    master = connect(address, 5433, options="-c createrole_self_grant=set,inherit")
    for statement in (
        "CREATE ROLE dagster_owner NOLOGIN",
        "CREATE ROLE dagster_migrator LOGIN PASSWORD 'm'",
        "GRANT dagster_owner TO dagster_migrator",
        "ALTER ROLE dagster_migrator SET search_path TO dagster",
        "CREATE ROLE dagster_dml NOLOGIN",
        "CREATE ROLE dagster_a LOGIN PASSWORD 'a'",
        "GRANT dagster_dml TO dagster_a",
        "ALTER ROLE dagster_a SET search_path TO dagster",
        "CREATE SCHEMA dagster AUTHORIZATION dagster_owner",
        "GRANT USAGE ON SCHEMA dagster TO dagster_dml",
        "ALTER DEFAULT PRIVILEGES FOR ROLE dagster_owner IN SCHEMA dagster "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO dagster_dml",
        "ALTER DEFAULT PRIVILEGES FOR ROLE dagster_owner IN SCHEMA dagster GRANT USAGE ON SEQUENCES TO dagster_dml",
    ):
        query(master, statement)
    migrator = connect(address, 5433, "dagster_migrator", "m", options="-c role=dagster_owner")
    query(migrator, "CREATE TABLE runs (id serial PRIMARY KEY, n int)")
    user = connect(address, 5433, "dagster_a", "a")
    query(user, "INSERT INTO runs (n) VALUES (1)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(user, "DROP TABLE runs")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(user, "CREATE TABLE other (n int)")


def test_parameters_reach_the_server(database: dict) -> None:
    master = connect(database["Endpoint"]["Address"], 5433)
    wanted = "log_min_duration_statement", "autovacuum_naptime", "max_connections"
    assert [query(master, f"SELECT setting FROM pg_settings WHERE name = '{name}'")[0][0] for name in wanted] == [
        "750",
        "17",
        "101",
    ]


def test_forced_tls_refuses_plain_connections(emulator: Emulator, database: dict) -> None:
    address = database["Endpoint"]["Address"]
    with pytest.raises(psycopg2.OperationalError, match="no encryption"):
        connect(address, 5433, sslmode="disable")
    force = {"ParameterName": "rds.force_ssl", "ApplyMethod": "immediate"}
    rds = emulator.client("rds")
    rds.modify_db_parameter_group(DBParameterGroupName="g", Parameters=[force | {"ParameterValue": "0"}])
    try:
        connect(address, 5433, sslmode="disable").close()
    finally:
        rds.modify_db_parameter_group(DBParameterGroupName="g", Parameters=[force | {"ParameterValue": "1"}])
    with pytest.raises(psycopg2.OperationalError, match="no encryption"):
        connect(address, 5433, sslmode="disable")


def test_static_parameters_wait_for_the_reboot(emulator: Emulator, database: dict) -> None:
    rds = emulator.client("rds")
    change = {"ParameterName": "max_connections", "ParameterValue": "55", "ApplyMethod": "pending-reboot"}
    rds.modify_db_parameter_group(DBParameterGroupName="g", Parameters=[change])
    address = database["Endpoint"]["Address"]
    assert await_status(emulator, "available")["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    assert query(connect(address, 5433), "SHOW max_connections") == [("101",)]
    rds.reboot_db_instance(DBInstanceIdentifier="db")
    rebooted = await_status(emulator, "available")
    assert rebooted["Endpoint"]["Address"] == address
    assert rebooted["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert query(connect(address, 5433), "SHOW max_connections") == [("55",)]


def test_another_password_reaches_the_server(emulator: Emulator, database: dict) -> None:
    rds, address = emulator.client("rds"), database["Endpoint"]["Address"]
    rds.modify_db_instance(DBInstanceIdentifier="db", MasterUserPassword="another-one", ApplyImmediately=True)
    try:
        connect(address, 5433, password="another-one").close()
        with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
            connect(address, 5433)
    finally:
        rds.modify_db_instance(DBInstanceIdentifier="db", MasterUserPassword=PASSWORD, ApplyImmediately=True)


def test_address_and_data_outlive_the_emulator(emulator: Emulator, database: dict) -> None:
    master = connect(database["Endpoint"]["Address"], 5433)
    query(master, "CREATE TABLE kept (n int)")
    emulator.stop()
    query(master, "INSERT INTO kept VALUES (7)")
    emulator.start()
    again = await_status(emulator, "available")
    assert again["Endpoint"] == database["Endpoint"]
    assert query(connect(again["Endpoint"]["Address"], 5433), "SELECT n FROM kept") == [(7,)]


def test_snapshot_is_restored_to_a_server_of_its_own(emulator: Emulator, database: dict) -> None:
    rds, master = emulator.client("rds"), connect(database["Endpoint"]["Address"], 5433)
    query(master, "CREATE TABLE saved AS SELECT generate_series(1, 1000) AS n")
    begun = int(time.time())
    rds.create_db_snapshot(DBSnapshotIdentifier="s", DBInstanceIdentifier="db")

    def ended() -> str:
        status = rds.describe_db_snapshots(DBSnapshotIdentifier="s")["DBSnapshots"][0]["Status"]
        return status if status != "creating" else ""

    assert until("the snapshot", ended) == "available"
    # Not every machine lets its engine pause a container.
    pauses = {"event": "pause", "label": f"dagster.sandbox.instance={emulator.instance}"}
    assert list(docker.from_env().events(since=begun, until=int(time.time()) + 1, filters=pauses)) == []
    query(master, "TRUNCATE saved")  # by the connection that was there before
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="again", DBSnapshotIdentifier="s", DBParameterGroupName="g"
    )
    restored = await_status(emulator, "available", "again")
    assert restored["Endpoint"]["Address"] != database["Endpoint"]["Address"]
    second = connect(restored["Endpoint"]["Address"], restored["Endpoint"]["Port"])
    assert query(second, "SELECT count(*) FROM saved") == [(1000,)]
    assert query(master, "SELECT count(*) FROM saved") == [(0,)]
    rds.delete_db_instance(DBInstanceIdentifier="again", FinalDBSnapshotIdentifier="last")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="third", DBSnapshotIdentifier="last")
    restored = await_status(emulator, "available", "third")
    third = connect(restored["Endpoint"]["Address"], restored["Endpoint"]["Port"])
    assert query(third, "SELECT count(*) FROM saved") == [(1000,)]
    third.close()
    rds.delete_db_instance(DBInstanceIdentifier="third", SkipFinalSnapshot=True)
    for name in ("s", "last"):
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    volumes = docker.from_env().volumes.list(filters={"name": f"dagster-sandbox-{emulator.instance}-rds-"})
    assert not any("-snapshot-" in volume.name for volume in volumes)


def test_another_major_version_keeps_address_roles_and_data(emulator: Emulator) -> None:
    rds, engine = emulator.client("rds"), docker.from_env()
    rds.create_db_instance(
        DBInstanceIdentifier="older",
        Engine="postgres",
        EngineVersion="16",
        AllocatedStorage=20,
        DBInstanceClass="db.t4g.micro",
        DBName="dagster",
        Port=5433,
        MasterUsername=MASTER,
        MasterUserPassword=PASSWORD,
    )
    address = await_status(emulator, "available", "older")["Endpoint"]["Address"]
    master = connect(address, 5433)
    query(master, "CREATE ROLE reader LOGIN PASSWORD 'r'")
    query(master, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    query(master, "GRANT SELECT ON kept TO reader")
    rds.modify_db_instance(
        DBInstanceIdentifier="older",
        EngineVersion="17",
        DBInstanceClass="db.t4g.small",  # restarts the server where it comes alone
        AllowMajorVersionUpgrade=True,
        ApplyImmediately=True,
    )
    assert rds.describe_db_instances(DBInstanceIdentifier="older")["DBInstances"][0]["DBInstanceStatus"] == "upgrading"
    upgraded = await_status(emulator, "available", "older")
    assert upgraded["EngineVersion"].startswith("17.") and upgraded["DBInstanceClass"] == "db.t4g.small"
    assert upgraded["Endpoint"]["Address"] == address
    reader = connect(address, 5433, "reader", "r")
    assert query(reader, "SELECT count(*) FROM kept") == [(1000,)]
    assert query(reader, "SHOW server_version")[0][0].startswith("17.")
    with pytest.raises(psycopg2.OperationalError, match="no encryption"):
        connect(address, 5433, sslmode="disable")
    reader.close()
    rds.delete_db_instance(DBInstanceIdentifier="older", SkipFinalSnapshot=True)
    volume = {"name": f"dagster-sandbox-{emulator.instance}-rds-"}
    assert not any("-older-data" in found.name for found in engine.volumes.list(filters=volume))


def test_deletion_leaves_nothing(emulator: Emulator) -> None:
    rds, engine = emulator.client("rds"), docker.from_env()
    rds.create_db_instance(
        DBInstanceIdentifier="gone",
        Engine="postgres",
        EngineVersion="17",
        AllocatedStorage=20,
        DBInstanceClass="db.t4g.micro",
        MasterUsername=MASTER,
        MasterUserPassword=PASSWORD,
    )
    await_status(emulator, "available", "gone")
    label = {"label": [f"dagster.sandbox.instance={emulator.instance}", "dagster.sandbox.database=gone"]}
    assert len(engine.containers.list(filters=label)) == 2
    volume = {"name": f"dagster-sandbox-{emulator.instance}-rds-"}
    assert [found.name.endswith("-gone-data") for found in engine.volumes.list(filters=volume)].count(True) == 1
    published = [port for found in engine.containers.list(filters=label) for port in found.ports.values() if port]
    assert published == []
    rds.delete_db_instance(DBInstanceIdentifier="gone", SkipFinalSnapshot=True)
    assert engine.containers.list(all=True, filters=label) == []
    assert not any(found.name.endswith("-gone-data") for found in engine.volumes.list(filters=volume))
