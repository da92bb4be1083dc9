"""Start a run: DAGSTER_HOME gets the instance of the run, and every line of the console becomes a JSON object.

EcsRunLauncher gives a run its instance in the last argument of the command, while DAGSTER_HOME of its container is
empty: DagsterInstance.get() in somebody's code would be an instance of its own in SQLite, without a word. And Dagster
has no option for the format of a run's console, as webserver and daemon have (--log-format json).

This script is the entry point of run tasks: first as `python -c`, which writes itself into DAGSTER_HOME, starts the
command with that file, and forwards its lines; then as that file, which writes the instance beside itself, and which
Dagster's multiprocess executor loads once more in each of its processes. What only the second needs it imports itself:
every run waits for the first.

As that file it also closes three ways in which a run is lost or done twice: a database that is away for longer than
Dagster waits, a daemon that ended before it noted which task it had started, and an end that could not be written down.
"""

import contextlib
import json
import logging
import os
import pathlib
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import IO, Any

HOME = pathlib.Path(os.environ["DAGSTER_HOME"])
# How long the lines of processes that outlive the command are waited for.
LAST_LINES_SECONDS = 5
# How often a connection to the database is tried again, after 0.2, 0.6, 1.4 seconds and so on: three minutes. Dagster
# gives up after 11 seconds, and the step fails that logs a line meanwhile; a failover takes one or two minutes
# (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html).
DATABASE_RETRIES, DATABASE_WAIT_SECONDS = 9, 0.2


def now() -> str:
    """The time in the form that the services' lines have."""
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f"{seconds % 1:.6f}Z".removeprefix("0")


class Line(logging.Formatter):
    """One JSON object for a record of Dagster's console, with the fields of the services' lines and the run's."""

    def format(self, record: logging.LogRecord) -> str:
        """Leave out what the record does not know."""
        about = getattr(record, "dagster_meta", None) or {}
        event = about.get("dagster_event")
        error = getattr(event.event_specific_data, "error", None) if event else None
        fields = {
            "event": about.get("orig_message") or record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": now(),
            "run": about.get("run_id"),
            "job": about.get("job_name"),
            "step": about.get("step_key"),
            "type": event.event_type.name if event else None,
            "exception": self.formatException(record.exc_info) if record.exc_info else error and error.to_string(),
        }
        return json.dumps({name: value for name, value in fields.items() if value is not None})


class Logger(logging.Logger):
    """The class of loggers that Dagster asks logging for when it makes the console of a run."""

    def addHandler(self, handler: logging.Handler) -> None:  # noqa: N802 # logging's name
        """Give Dagster's console handler the form of Line."""
        if type(handler).__module__.startswith("coloredlogs"):
            handler.setFormatter(Line())
        super().addHandler(handler)


def instance_file(reference: dict[str, Any]) -> dict[str, Any]:
    """The dagster.yaml that an instance reference was made of."""
    import yaml

    def config(data: dict[str, str]) -> Any:
        return yaml.safe_load(data["config_yaml"])

    written = dict(reference["settings"])
    for part in ("local_artifact_storage", "compute_logs", "scheduler", "run_coordinator", "run_launcher"):
        data = reference[f"{part}_data"]
        written[part] = {"module": data["module_name"], "class": data["class_name"], "config": config(data)}
    written["storage"] = {"postgres": config(reference["storage_data"])}
    return written


def supervise(command: list[str], source: str, run: dict[str, Any]) -> int:
    """Write this script into DAGSTER_HOME, and run the command by it to its end."""
    script = HOME / "launch.py"
    script.write_text(source)
    known = {"run": run["pipeline_run_id"], "job": run["pipeline_origin"]["pipeline_name"]}
    child = subprocess.Popen([sys.executable, script, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    threads = [
        threading.Thread(target=forward, args=(stream, name, level, known), daemon=True)
        for stream, name, level in ((child.stdout, "stdout", "info"), (child.stderr, "stderr", "warning"))
    ]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    code = child.wait()
    for thread in threads:
        thread.join(LAST_LINES_SECONDS)
    os.write(1, json.dumps(known | usage(time.monotonic() - begin)).encode() + b"\n")
    return code if code >= 0 else 128 - code


def usage(seconds: float) -> dict[str, Any]:
    """What the run used, by which its job gets a size: Fargate's units of CPU, and MiB of its largest process."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = round(1024 * (used.ru_utime + used.ru_stime) / seconds)
    memory = used.ru_maxrss // 1024
    return {
        "event": f"The run used {cpu} units of CPU on average, and its largest process {memory} MiB.",
        "logger": "launch",
        "level": "info",
        "timestamp": now(),
        "type": "RUN_USAGE",
        "cpu": cpu,
        "memory": memory,
        "seconds": round(seconds),
    }


def forward(stream: IO[bytes], name: str, level: str, known: dict[str, str]) -> None:
    """Pass lines on: objects as they are, other text as an object's event, both with the run that they are of."""
    for raw in stream:
        text = raw.decode(errors="replace").rstrip()
        if text:
            line = parsed(text) or {"event": text, "logger": name, "timestamp": now()}
            os.write(1, json.dumps(known | {"level": level} | line).encode() + b"\n")


def parsed(text: str) -> dict[str, Any] | None:
    """The object that a line is, or None."""
    try:
        found = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def wait_for_database() -> None:
    """Give Dagster's connections to the database more time."""
    from dagster_postgres import utils

    utils.retry_pg_connection_fn.__defaults__ = (DATABASE_RETRIES, DATABASE_WAIT_SECONDS)


def note_task(instance: Any, run_id: str) -> None:
    """Give the run the tags by which Dagster finds its task, unless it has them.

    The launcher gives them when ECS has answered it. Without them run monitoring takes the run for lost as soon as it
    has started, and starts it again beside itself.
    """
    metadata = os.environ.get("ECS_CONTAINER_METADATA_URI_V4")
    if not metadata or "ecs/task_arn" in instance.get_run_by_id(run_id).tags:
        return
    import urllib.request

    with urllib.request.urlopen(f"{metadata}/task", timeout=5) as answer:
        task = json.load(answer)
    instance.add_run_tags(run_id, {"ecs/task_arn": task["TaskARN"], "ecs/cluster": task["Cluster"]})


def execute(command: list[str]) -> Any:
    """Run the command in this process; its exit code, 1 where Dagster does not know how the run ended.

    Dagster's own is 0 also when the database was away as the run failed: it would count as in progress for ever.
    """
    run = json.loads(command[-1])
    run_id = run["pipeline_run_id"]
    (HOME / "dagster.yaml").write_text(json.dumps(instance_file(run["instance_ref"])))
    # As a program's own script has it: Dagster takes the first path for the script's, and out when it loads code.
    sys.path[0] = str(pathlib.Path(sys.executable).parent)
    sys.argv = command
    from dagster import DagsterInstance, _cli

    with DagsterInstance.get() as instance:
        note_task(instance, run_id)
        # Dagster's own would be the same once more.
        _cli.api.get_instance_for_cli = lambda **_: contextlib.nullcontext(instance)
        try:
            code = _cli.main()
        except SystemExit as end:
            code = end.code
        return code or int(not instance.get_run_by_id(run_id).is_finished)


def main() -> None:
    """Be the entry point, or the command that it started."""
    command = sys.argv[1:]
    if "__file__" in globals():
        sys.exit(execute(command))
    if command[:2] != ["dagster", "api"]:
        os.execvp(command[0], command)
    sys.exit(supervise(command, sys.orig_argv[2], json.loads(command[-1])))


logging.setLoggerClass(Logger)
if "__file__" in globals():
    wait_for_database()
if __name__ == "__main__":
    main()
