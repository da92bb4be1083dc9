"""Copy Dagster's configuration from a bucket, before the container that reads it starts.

The first argument is the bucket, each further one is KEY=PATH: the object with the key KEY becomes the file PATH.
Runs as an init container (ECS developer guide, "Container dependency") with the task role's own credentials.
"""

import pathlib
import sys

import boto3


def main(bucket: str, *files: str) -> None:
    """Copy all the objects; an error ends the task with its message."""
    client = boto3.client("s3")
    for file in files:
        key, _, path = file.rpartition("=")
        body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        pathlib.Path(path).write_bytes(body)
        print(f"s3://{bucket}/{key} -> {path} ({len(body)} bytes)", flush=True)


main(*sys.argv[1:])
