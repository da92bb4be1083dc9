"""The project loads and its jobs run, with and without the bucket's variable."""

import pickle
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from io import BytesIO

import pytest
from dagster import DagsterInstance, Definitions, SkipReason, build_sensor_context
from dagster_aws.s3 import S3PickleIOManager, S3Resource

from asset_manager.automation import service_hosts_sensor
from asset_manager.definitions import build
from asset_manager.settings import SERVICE_VARIABLES, Settings

LOCAL = Settings(s3_bucket=None, service_hosts={})


@pytest.fixture
def instance(tmp_path: object) -> Iterator[DagsterInstance]:
    with DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def run(defs: Definitions, job: str, instance: DagsterInstance, config: dict | None = None):
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance, run_config=config or {}, raise_on_error=False
    )


def test_everything_loads() -> None:
    defs = build(LOCAL)
    Definitions.validate_loadable(defs)
    names = {job.name for job in defs.resolve_all_job_defs()}
    assert {"daily_assets_job", "heavy_computation_job", "failing_job", "long_running_job", "run_count_job"} <= names


def test_the_daily_assets_succeed_without_a_bucket(instance: DagsterInstance) -> None:
    result = run(build(LOCAL), "daily_assets_job", instance)
    assert result.success
    assert result.output_for_node("longest_story") == "The ant and the grasshopper"


def test_outputs_go_to_the_bucket_where_there_is_one(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: dict[str, bytes] = {}

    class Client:
        """The calls of S3 that the IO manager makes, answered from a dict."""

        class exceptions:  # noqa: N801 # boto3's name
            NoSuchKey = KeyError

        def list_objects(self, **_: object) -> dict:
            return {}

        def upload_fileobj(self, body: BytesIO, bucket: str, key: str) -> None:
            stored[f"{bucket}/{key}"] = body.read()

        def get_object(self, Bucket: str, Key: str) -> dict:  # noqa: N803 # boto3's names
            return {"Body": BytesIO(stored[f"{Bucket}/{Key}"])}

    monkeypatch.setattr(S3Resource, "get_client", lambda _resource: Client())
    result = run(build(Settings(s3_bucket="outputs", service_hosts={})), "daily_assets_job", instance)
    assert result.success
    assert pickle.loads(stored["outputs/dagster/io/longest_story"]) == "The ant and the grasshopper"


@pytest.mark.parametrize("bucket", [None, "outputs"])
def test_the_io_manager_follows_the_bucket(bucket: str | None) -> None:
    resources = build(Settings(s3_bucket=bucket, service_hosts={})).resources or {}
    assert isinstance(resources.get("io_manager"), S3PickleIOManager) is (bucket is not None)


def test_the_heavy_job_asks_for_its_own_resources() -> None:
    tags = build(LOCAL).resolve_job_def("heavy_computation_job").tags
    assert (tags["ecs/cpu"], tags["ecs/memory"]) == ("1024", "2048")


def test_the_failing_job_fails_with_its_message(instance: DagsterInstance) -> None:
    result = run(build(LOCAL), "failing_job", instance)
    assert not result.success
    failed = [event for event in result.all_events if event.is_step_failure]
    assert [event.step_failure_data.user_failure_data.description for event in failed] == ["This job fails on purpose."]


def test_the_long_job_waits_as_long_as_it_is_told(instance: DagsterInstance) -> None:
    result = run(build(LOCAL), "long_running_job", instance, {"ops": {"wait": {"config": {"seconds": 0}}}})
    assert result.success


def test_the_runs_are_counted_in_the_instance_of_the_run(
    tmp_path: object, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    assert run(build(LOCAL), "run_count_job", instance).output_for_node("count_runs") == 1
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path.parent))
    assert not run(build(LOCAL), "run_count_job", instance).success


@pytest.fixture
def service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["", "/nothing-here"])
def test_a_service_is_there_that_answers_anything(instance: DagsterInstance, service: str, path: str) -> None:
    config = {"ops": {"call": {"config": {"urls": [service + path]}}}}
    assert run(build(LOCAL), "call_services_job", instance, config).success


def test_each_service_that_does_not_answer_is_named(instance: DagsterInstance, service: str) -> None:
    closed = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
    config = {"ops": {"call": {"config": {"urls": [closed[0], service, closed[1]]}}}}
    failed = [
        each for each in run(build(LOCAL), "call_services_job", instance, config).all_events if each.is_step_failure
    ]
    told = failed[0].step_failure_data.user_failure_data.description
    assert all(url in told for url in closed) and service not in told


def test_the_service_hosts_come_from_the_environment(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = {name: f"https://{name.split('_')[0].lower()}.example.com" for name in SERVICE_VARIABLES}
    for name, host in hosts.items():
        monkeypatch.setenv(name, host)
    result = run(build(LOCAL), "daily_assets_job", instance)
    assert result.output_for_node("service_hosts") == hosts
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]


def test_a_missing_service_host_is_warned_about(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SERVICE_VARIABLES:
        monkeypatch.setenv(name, "")
    result = run(build(LOCAL), "daily_assets_job", instance)
    assert result.success
    assert [check.passed for check in result.get_asset_check_evaluations()] == [False]


def test_the_sensor_asks_for_a_run_only_when_the_hosts_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SERVICE_VARIABLES[0], "https://story.example.com")
    first = service_hosts_sensor(build_sensor_context())
    assert len(first.run_requests) == 1
    again = service_hosts_sensor(build_sensor_context(cursor=first.cursor))
    assert isinstance(again, SkipReason)
    monkeypatch.setenv(SERVICE_VARIABLES[0], "https://other.example.com")
    changed = service_hosts_sensor(build_sensor_context(cursor=first.cursor))
    assert changed.cursor != first.cursor
