"""A region's own zones are offered, and no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.emulator import Emulator, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.ec2.zones") as found:
        yield found


@pytest.mark.parametrize(
    ("region", "letters"), [("us-west-1", "ac"), ("eu-central-1", "abc"), ("us-gov-west-1", "abc")]
)
def test_the_zones_of_a_region(emulator: Emulator, region: str, letters: str) -> None:
    ec2 = emulator.client("ec2", region)
    filters = [{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}, {"Name": "state", "Values": ["avail*"]}]
    found = ec2.describe_availability_zones(Filters=filters)["AvailabilityZones"]
    assert [each["ZoneName"] for each in found] == [region + letter for letter in letters]
    assert {each["RegionName"] for each in found} == {region}
    one = ec2.describe_availability_zones(ZoneNames=[f"{region}a"])["AvailabilityZones"]
    assert [each["ZoneName"] for each in one] == [f"{region}a"]
    none = ec2.describe_availability_zones(Filters=[{"Name": "zone-type", "Values": ["local-zone"]}])
    assert none["AvailabilityZones"] == []


def test_the_regions_are_those_of_the_partition(tmp_path: Path) -> None:
    with running(tmp_path, "cloud.ec2.zones", region="us-gov-west-1") as found:
        regions = found.client("ec2").describe_regions()["Regions"]
    assert {each["RegionName"] for each in regions} == {"us-gov-west-1", "us-gov-east-1"}
