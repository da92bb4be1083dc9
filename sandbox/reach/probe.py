"""Do what a workload does on the network, as a task of its own: the arguments say what.

An answer of AWS counts, also one that denies; none within some seconds is told, and the task ends with 1.
"""

import contextlib
import os
import socket
import sys

import boto3
import psycopg2
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SECONDS = 10


def database() -> None:
    """Log in as the workload's user."""
    names = {"host": "HOST", "port": "PORT", "dbname": "DB", "user": "USER", "password": "PASSWORD"}
    to = {name: os.environ[f"DAGSTER_PG_{variable}"] for name, variable in names.items()}
    psycopg2.connect(connect_timeout=SECONDS, **to).close()


def api(service: str, operation: str) -> None:
    """Call AWS."""
    once = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 1})
    with contextlib.suppress(ClientError):
        getattr(boto3.client(service, config=once), operation)()


def connection(address: str) -> None:
    """Connect by TCP."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), SECONDS).close()


def missing(what: str) -> str:
    """Why something is not reached, or nothing."""
    try:
        if what == "database":
            database()
        elif ":" in what:
            connection(what)
        else:
            api(*what.split("."))
    except (OSError, psycopg2.Error, BotoCoreError) as error:
        return f"{what} is not reached: {error}"
    return ""


if __name__ == "__main__":
    told = [text for text in map(missing, sys.argv[1:]) if text]
    print("\n".join(told), flush=True)
    sys.exit(1 if told else 0)
