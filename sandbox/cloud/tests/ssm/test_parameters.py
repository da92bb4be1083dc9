"""A SecureString that is overwritten stays under its key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.emulator import Emulator, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.ssm.parameters") as found:
        yield found


def key_of(emulator: Emulator, name: str) -> str:
    return emulator.client("ssm").describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])[
        "Parameters"
    ][0]["KeyId"]


def test_key_stays(emulator: Emulator) -> None:
    ssm, kms = emulator.client("ssm"), emulator.client("kms")
    first, second = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    ssm.put_parameter(Name="/p", Type="SecureString", Value="one", KeyId=first)
    ssm.put_parameter(Name="/p", Type="SecureString", Value="two", Overwrite=True)
    assert key_of(emulator, "/p") == first
    assert ssm.get_parameter(Name="/p", WithDecryption=True)["Parameter"]["Value"] == "two"
    ssm.put_parameter(Name="/p", Type="SecureString", Value="three", Overwrite=True, KeyId=second)
    assert key_of(emulator, "/p") == second


def test_default_key_without_one(emulator: Emulator) -> None:
    emulator.client("ssm").put_parameter(Name="/d", Type="SecureString", Value="one")
    assert key_of(emulator, "/d") == "alias/aws/ssm"
