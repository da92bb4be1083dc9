"""Calls that AWS refuses, as a client sees them."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from helpers.emulator import Emulator


def client(aws: Emulator, service: str, region: str = "", **credentials: str) -> Any:
    """A client that leaves the checks to AWS, as the administrator unless other credentials are given."""
    administrator = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "administrator"}
    return boto3.client(
        service,
        region_name=region or aws.region,
        endpoint_url=f"http://127.0.0.1:{aws.port}",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        **(credentials or administrator),
    )


def refused(service: Any, operation: str, request: dict, code: str, *words: str) -> dict:
    """Assert that a call is refused by this code and all these words, and answer the error."""
    with pytest.raises(ClientError) as caught:
        getattr(service, operation)(**request)
    error = caught.value.response["Error"]
    assert error["Code"] == code and all(each in error["Message"] for each in words), (
        f"{error['Code']}: {error['Message']}"
    )
    return caught.value.response


def filled(request: Any, names: dict[str, str]) -> Any:
    """A request of a table with the ids that stand for its names: ``<vpc>``."""
    if isinstance(request, dict):
        return {key: filled(value, names) for key, value in request.items()}
    if isinstance(request, list):
        return [filled(each, names) for each in request]
    if isinstance(request, str):
        for name, value in names.items():
            request = request.replace(f"<{name}>", value)
    return request
