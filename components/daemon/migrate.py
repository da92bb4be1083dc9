"""Create or migrate Dagster's tables as their owner, before the daemon starts.

The services run with should_autocreate_tables off, since their user may not create anything. Here the same storage is
opened from a DAGSTER_HOME of its own with it on: missing tables are created, then `dagster instance migrate` brings
existing ones to this version's schema. The argument is the dagster.yaml to take the storage from.
"""

import os
import pathlib
import sys

import yaml


def main(source: str) -> None:
    """Write the instance's file and become the migration."""
    storage = yaml.safe_load(pathlib.Path(source).read_text())["storage"]
    storage["postgres"]["should_autocreate_tables"] = True
    home = pathlib.Path(os.environ["DAGSTER_HOME"])
    home.mkdir(exist_ok=True)
    instance = {"storage": storage, "telemetry": {"enabled": False}}
    (home / "dagster.yaml").write_text(yaml.safe_dump(instance))
    command = ["dagster", "instance", "migrate"]
    os.execvp(command[0], command)


main(sys.argv[1])
