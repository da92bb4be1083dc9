"""Buckets of their own for tests."""

import secrets

from helpers.emulator import Emulator
from helpers.refusals import client


def make_bucket(aws: Emulator, region: str = "", versions: bool = False) -> str:
    """A new bucket, and its name."""
    name, s3 = f"b-{secrets.token_hex(6)}", client(aws, "s3", region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region or aws.region})
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name
