"""launch.py, the entry point of runs, with a real Dagster."""

import http.server
import json
import logging
import os
import pathlib
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator

import pytest
import yaml
from dagster import DagsterInstance
from dagster._core.code_pointer import FileCodePointer, ModuleCodePointer
from dagster._core.instance.ref import InstanceRef
from dagster._core.origin import DEFAULT_DAGSTER_ENTRY_POINT, JobPythonOrigin, RepositoryPythonOrigin
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import serialize_value

SCRIPT = (pathlib.Path(__file__).parents[1] / "launch.py").read_text()
RENDERED = sorted((pathlib.Path(__file__).parents[3] / "internal/dagsterconf/testdata").glob("dagster-*.yaml"))
JOBS = """
    import os, sys
    from dagster_postgres.utils import retry_pg_connection_fn
    from dagster import DagsterInstance, Definitions, in_process_executor, job, op

    @op
    def talk(context):
        context.log.info("logged")
        print("printed")
        print("complained", file=sys.stderr)
        assert DagsterInstance.get().get_run_by_id(context.run_id), "another instance"
        limit, wait = retry_pg_connection_fn.__defaults__
        assert sum(wait * (2**attempt - 1) for attempt in range(1, limit + 1)) > 120, "no failover takes so little"

    @op
    def fail():
        raise ValueError("broken")

    @op
    def cut_off():
        def handle_new_event(*_arguments, **_more):
            raise OSError("the database is away")
        DagsterInstance.handle_new_event = handle_new_event

    @op
    def vanish():
        os.kill(os.getpid(), 9)

    @job(executor_def=in_process_executor)
    def in_process():
        talk()

    @job
    def in_many():
        talk()

    @job(executor_def=in_process_executor)
    def failing():
        fail()

    @job(executor_def=in_process_executor)
    def vanishing():
        vanish()

    @job(executor_def=in_process_executor)
    def unrecorded():
        cut_off()

    defs = Definitions(jobs=[in_process, in_many, failing, vanishing, unrecorded])
"""


class Run:
    """A job that was run in a DAGSTER_HOME of its own, by the script and the command of EcsRunLauncher."""

    def __init__(self, folder: pathlib.Path, job: str, tags: dict[str, str] | None = None) -> None:
        code = folder / "jobs.py"
        code.write_text(textwrap.dedent(JOBS))
        file = FileCodePointer(python_file=str(code), fn_name="defs", working_directory=str(folder))
        # As workspace.yaml names it: a module that PYTHONPATH leads to, whatever the working directory is.
        pointer = ModuleCodePointer(module="jobs", fn_name="defs", working_directory=str(folder / "elsewhere"))
        repository = RepositoryPythonOrigin(sys.executable, pointer, None, DEFAULT_DAGSTER_ENTRY_POINT, {})
        origin = JobPythonOrigin(job, repository)
        definition = file.load_target().resolve_job_def(job)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        # Dagster's own capture passes lines on by a process that it may end before the last of them.
        capture = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
        storage = {"sqlite": {"base_dir": str(elsewhere)}}
        instance = {"storage": storage, "compute_logs": capture, "telemetry": {"enabled": False}}
        (elsewhere / "dagster.yaml").write_text(yaml.safe_dump(instance))
        with DagsterInstance.from_config(str(elsewhere)) as found:
            run = found.create_run_for_job(definition, job_code_origin=origin, tags=tags)
            arguments = ExecuteRunArgs(origin, run.run_id, found.get_ref())
            # The storage of these tests; that of a deployment is loaded by the test of the instance's file.
            script = SCRIPT.replace('{"postgres": ', '{"sqlite": ')
            self.done = start(folder, script, *arguments.get_command_args())
            ended = found.get_run_by_id(run.run_id)
            self.id, self.status, self.tags = run.run_id, ended.status.value, ended.tags
        self.lines = [json.loads(line) for line in self.done.stdout.splitlines()]

    def line(self, **fields: str) -> dict:
        """The one line with the fields."""
        found = [line for line in self.lines if fields.items() <= line.items()]
        assert len(found) == 1, self.done.stdout
        return found[0]


def start(folder: pathlib.Path, script: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command by the entry point."""
    home = folder / "home"
    home.mkdir()
    environment = os.environ | {"DAGSTER_HOME": str(home), "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", script, *command], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("job", ["in_process", "in_many"])
def test_a_run_finds_its_instance_and_logs_objects(tmp_path: pathlib.Path, job: str) -> None:
    run = Run(tmp_path, job)
    assert (run.done.returncode, run.done.stderr, run.status) == (0, "", "SUCCESS")
    assert {(line["run"], line["job"]) for line in run.lines} == {(run.id, job)}
    assert all(line["level"] and line["event"] and line["timestamp"].endswith("Z") for line in run.lines)
    assert run.line(event="logged", step="talk", level="info")
    assert run.line(event="printed", logger="stdout")
    assert run.line(event="complained", logger="stderr")
    assert run.line(type="STEP_SUCCESS", step="talk")
    assert run.line(type="RUN_SUCCESS")


def test_a_run_tells_what_it_used(tmp_path: pathlib.Path) -> None:
    used = Run(tmp_path, "in_process").line(type="RUN_USAGE")
    assert 20 < used["memory"] < 2000 and 0 < used["cpu"] <= 1024 * os.cpu_count() and used["seconds"] > 0


def test_a_failure_has_its_stack(tmp_path: pathlib.Path) -> None:
    run = Run(tmp_path, "failing")
    assert (run.done.returncode, run.status) == (0, "FAILURE")
    assert "broken" in run.line(type="STEP_FAILURE", step="fail", level="error")["exception"]
    assert run.line(type="RUN_FAILURE", level="error")


def test_a_killed_run_exits_as_a_shell_would(tmp_path: pathlib.Path) -> None:
    run = Run(tmp_path, "vanishing")
    assert (run.done.returncode, run.status) == (137, "STARTED")


def test_a_run_whose_end_could_not_be_written_down_exits_with_1(tmp_path: pathlib.Path) -> None:
    run = Run(tmp_path, "unrecorded")
    assert (run.done.returncode, run.status) == (1, "STARTED")


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ARN of the task that ECS's metadata endpoint tells of."""
    arn = "arn:aws:ecs:us-west-1:111122223333:task/fulcrum-cluster/1"

    class Metadata(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 # http.server's name
            self.send_response(200 if self.path == "/v4/1/task" else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"TaskARN": arn, "Cluster": "fulcrum-cluster"}).encode())

    with http.server.HTTPServer(("127.0.0.1", 0), Metadata) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", f"http://127.0.0.1:{server.server_port}/v4/1")
        yield arn
        server.shutdown()


def test_a_run_whose_launcher_did_not_note_the_task_notes_it(tmp_path: pathlib.Path, task: str) -> None:
    run = Run(tmp_path, "in_process")
    assert (run.tags["ecs/task_arn"], run.tags["ecs/cluster"]) == (task, "fulcrum-cluster")


def test_what_the_launcher_noted_stays(tmp_path: pathlib.Path, task: str) -> None:
    run = Run(tmp_path, "in_process", {"ecs/task_arn": "noted"})
    assert run.status == "SUCCESS" and run.tags["ecs/task_arn"] == "noted" != task


def test_another_command_runs_as_it_is(tmp_path: pathlib.Path) -> None:
    done = start(tmp_path, SCRIPT, "echo", "a", "b")
    assert (done.returncode, done.stdout) == (0, "a b\n")
    assert list((tmp_path / "home").iterdir()) == []


def test_a_command_without_an_instance_fails(tmp_path: pathlib.Path) -> None:
    done = start(tmp_path, SCRIPT, "dagster", "api", "execute_run", json.dumps({"instance_ref": None}))
    assert done.returncode == 1 and "Traceback" in done.stderr


@pytest.mark.parametrize("path", RENDERED, ids=lambda path: path.name)
def test_the_file_gives_the_instance_that_it_was_made_of(
    path: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, home = tmp_path / "given", tmp_path / "home"
    given.mkdir(), home.mkdir()
    (given / "dagster.yaml").write_text(path.read_text())
    reference = InstanceRef.from_dir(str(home), config_dir=str(given))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setattr(logging, "setLoggerClass", lambda _class: None)
    script: dict = {"__name__": "launch"}
    exec(SCRIPT, script)
    written = script["instance_file"](json.loads(serialize_value(reference)))
    (home / "dagster.yaml").write_text(json.dumps(written))
    assert InstanceRef.from_dir(str(home)) == reference
