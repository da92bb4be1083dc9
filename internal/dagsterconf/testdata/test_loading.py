"""The rendered files, loaded by a real Dagster.

Follows "Dagster instance configuration" of Dagster's documentation for what an instance is, and AWS's API reference
(RunTask, TaskOverride) for the 8,192 characters that all overrides of a task may have together.
"""

import json
import pathlib
import shutil
import uuid

import boto3
import pytest
import yaml
from dagster import DagsterInstance
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.errors import DagsterInvalidConfigError
from dagster._core.instance.config import dagster_instance_config
from dagster._core.instance.ref import InstanceRef
from dagster._core.origin import DEFAULT_DAGSTER_ENTRY_POINT, JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.workspace.load import location_origins_from_yaml_paths
from dagster._grpc.types import ExecuteRunArgs
from dagster._utils.tags import TagConcurrencyLimitsCounter
from dagster_aws.ecs import EcsRunLauncher
from dagster_aws.s3 import S3ComputeLogManager
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy.engine import make_url

FOLDER = pathlib.Path(__file__).parent
FILES = sorted(path.name for path in FOLDER.glob("dagster-*.yaml"))
MODULE = "asset_manager.definitions"
OVERRIDE_LIMIT = 8192
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "example",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_DEFAULT_REGION": "us-west-1",
    "DAGSTER_PG_USER": "dagster_a",
    "DAGSTER_PG_PASSWORD": "p@ss/w:rd",
    "DAGSTER_PG_HOST": "db.example.com",
    "DAGSTER_PG_PORT": "5432",
    "DAGSTER_PG_DB": "dagster",
    "DAGSTER_S3_BUCKET": "example-bucket",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give what a task definition gives."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def described(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer DescribeTaskDefinition, the only call that building the instance makes, and note what is asked for."""
    asked: list[str] = []

    def answer(client: object, operation: str, arguments: dict[str, str]) -> dict[str, object]:
        assert operation == "DescribeTaskDefinition"
        asked.append(arguments["taskDefinition"])
        containers = [{"name": "asset-manager-run"}]
        return {"taskDefinition": {"taskDefinitionArn": asked[-1], "containerDefinitions": containers}}

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", answer)
    return asked


@pytest.fixture(params=FILES)
def home(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> pathlib.Path:
    """A DAGSTER_HOME with one of the files in it."""
    shutil.copy(FOLDER / request.param, tmp_path / "dagster.yaml")
    return tmp_path


def test_there_are_files() -> None:
    """The parametrized tests have something to run on."""
    assert len(FILES) >= 3


def test_instance_is_what_the_file_says(home: pathlib.Path, described: list[str]) -> None:
    """Every key is known, and every class accepts its configuration and is built."""
    given = yaml.safe_load((home / "dagster.yaml").read_text())
    with DagsterInstance.from_config(str(home)) as instance:
        storage = instance.get_ref().storage
        assert isinstance(storage, DagsterPostgresStorage)
        for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
            assert part.should_autocreate_tables is False
            url = make_url(part.postgres_url)
            assert (url.username, url.password) == ("dagster_a", ENVIRONMENT["DAGSTER_PG_PASSWORD"])
            assert (url.host, url.port, url.database) == ("db.example.com", 5432, "dagster")
            assert url.query == {"sslmode": "require"}

        assert isinstance(instance.run_coordinator, QueuedRunCoordinator)
        queue = instance.run_coordinator.get_run_queue_config()
        assert queue.max_concurrent_runs == given["run_coordinator"]["config"]["max_concurrent_runs"]
        assert list(queue.tag_concurrency_limits) == given["run_coordinator"]["config"]["tag_concurrency_limits"]

        assert isinstance(instance.compute_log_manager, S3ComputeLogManager)
        assert instance.compute_log_manager._s3_bucket == "example-bucket"

        launcher = instance.run_launcher
        assert isinstance(launcher, EcsRunLauncher)
        assert described == [given["run_launcher"]["config"]["task_definition"]]
        assert launcher.task_definition == described[0]
        assert launcher.secrets_tags == []
        assert launcher.use_current_ecs_task_config is False
        assert launcher.run_task_kwargs == given["run_launcher"]["config"]["run_task_kwargs"]

        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] == 60
        assert instance.run_monitoring_max_resume_run_attempts == 0
        assert instance.run_monitoring_start_timeout_seconds == given["run_monitoring"]["start_timeout_seconds"]
        assert instance.run_retries_enabled is (given["run_retries"]["max_retries"] > 0)
        assert instance.telemetry_enabled is False


def test_no_run_that_chooses_its_own_network_leaves_the_queue(home: pathlib.Path) -> None:
    """A tag of the launcher's holds a run back, whatever other limits there are for it."""
    limits = yaml.safe_load((home / "dagster.yaml").read_text())["run_coordinator"]["config"]["tag_concurrency_limits"]
    opened = [{"key": "ecs/run_task_kwargs", "limit": 5}, *limits]
    for tags, blocked in (({"ecs/run_task_kwargs": "{}"}, True), ({"ecs/cpu": "1024", "ecs/memory": "2048"}, False)):
        run = DagsterRun(job_name="job", tags=tags)
        assert TagConcurrencyLimitsCounter(opened, []).is_blocked(run) is blocked


def test_run_task_is_accepted_by_aws_model(home: pathlib.Path) -> None:
    """What run_task_kwargs adds to RunTask has the types of AWS's own model."""
    from botocore.validate import ParamValidator

    launcher = yaml.safe_load((home / "dagster.yaml").read_text())["run_launcher"]["config"]
    shape = boto3.client("ecs").meta.service_model.shape_for("RunTaskRequest")
    parameters = {"taskDefinition": launcher["task_definition"], **launcher["run_task_kwargs"]}
    assert not ParamValidator().validate(parameters, shape).has_errors()


def test_unknown_key_is_refused(home: pathlib.Path) -> None:
    """The checks above can fail: Dagster does refuse what it does not know."""
    with (home / "dagster.yaml").open("a") as file:
        file.write("run_monitorring:\n  enabled: true\n")
    with pytest.raises(DagsterInvalidConfigError, match="run_monitorring"):
        dagster_instance_config(str(home))


def test_region_in_the_launcher_is_refused(home: pathlib.Path) -> None:
    """The guide's `region` key is an error of the guide."""
    file = home / "dagster.yaml"
    content = yaml.safe_load(file.read_text())
    content["run_launcher"]["config"]["region"] = {"env": "AWS_REGION"}
    file.write_text(yaml.safe_dump(content))
    with DagsterInstance.from_config(str(home)) as instance, pytest.raises(DagsterInvalidConfigError, match="region"):
        assert instance.run_launcher


def overrides(home: pathlib.Path, job: str) -> str:
    """The overrides of RunTask as EcsRunLauncher writes them for a job."""
    repository = RepositoryPythonOrigin(
        executable_path="/usr/local/bin/python",
        code_pointer=ModuleCodePointer(module=MODULE, fn_name="defs", working_directory="/opt/dagster/app"),
        entry_point=DEFAULT_DAGSTER_ENTRY_POINT,
        container_context={},
    )
    arguments = ExecuteRunArgs(
        job_origin=JobPythonOrigin(job, repository),
        run_id=str(uuid.uuid4()),
        instance_ref=InstanceRef.from_dir("/opt/dagster", config_dir=str(home)),
    )
    container = {"name": "asset-manager-run", "command": arguments.get_command_args(), "cpu": 512, "memory": 1024}
    return json.dumps({"containerOverrides": [container], "cpu": "512", "memory": "1024"})


def test_launch_command_fits_and_is_estimated_from_above(home: pathlib.Path) -> None:
    """The estimate that the program refuses settings by is never below the real length, nor far above it."""
    name = (home / "dagster.yaml").read_text().split(":", 1)[0].removeprefix("# ")
    estimate = json.loads((FOLDER / "launch-lengths.json").read_text())[name]
    length = len(overrides(home, "j" * 100))
    assert length <= OVERRIDE_LIMIT
    assert length <= estimate <= length * 1.25


def test_workspace_loads() -> None:
    """Dagster finds the one code location in workspace.yaml."""
    origins = location_origins_from_yaml_paths([str(FOLDER / "workspace.yaml")])
    assert [origin.loadable_target_origin.module_name for origin in origins] == [MODULE]
