"""A trail's tags are given back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.emulator import Emulator, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.cloudtrail.readback") as found:
        yield found


def test_trail_tags(emulator: Emulator) -> None:
    trail = emulator.client("cloudtrail")
    arn = trail.create_trail(Name="t", S3BucketName="b", TagsList=[{"Key": "a", "Value": "b"}])["TrailARN"]
    assert trail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [{"Key": "a", "Value": "b"}]
