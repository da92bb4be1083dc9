"""Copy Dagster's configuration from the bucket into DAGSTER_HOME, before the container that reads it starts.

Each argument is KEY=NAME: the object with the key KEY in the bucket DAGSTER_S3_BUCKET becomes the file NAME.
Runs as an init container (ECS developer guide, "Container dependency") with the task role's own credentials.
"""

import os
import pathlib
import sys

import boto3


def main(arguments: list[str]) -> None:
    """Copy all the objects; an error ends the task with its message."""
    bucket = os.environ["DAGSTER_S3_BUCKET"]
    home = pathlib.Path(os.environ["DAGSTER_HOME"])
    client = boto3.client("s3")
    for argument in arguments:
        key, _, name = argument.rpartition("=")
        body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        (home / name).write_bytes(body)
        print(f"s3://{bucket}/{key} -> {home / name} ({len(body)} bytes)", flush=True)


main(sys.argv[1:])
