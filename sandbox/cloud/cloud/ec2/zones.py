"""Offer the regions of the partition and the zones that a region has.

https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html: us-west-1 has three zones,
of which an account sees two. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html
(filters). MiniStack has the zones a, b and c everywhere, and ignores filters.
"""

import re
from fnmatch import fnmatchcase
from typing import Any

import botocore.session
from ministack.core.responses import get_region
from ministack.services import ec2

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_AWS_REGIONS _p _parse_filters",
}

_LETTERS = {"us-west-1": "ac"}
_ITEM = re.compile(r"<item>.*?</item>", re.DOTALL)
_ELEMENTS = {
    "zone-name": "zoneName",
    "zone-id": "zoneId",
    "zone-type": "zoneType",
    "state": "zoneState",
    "region-name": "regionName",
    "group-name": "groupName",
    "opt-in-status": "optInStatus",
}


def names() -> list[str]:
    """The zones of the request's region."""
    return [get_region() + letter for letter in _LETTERS.get(get_region(), "abc")]


def _offered(item: str, p: dict[str, Any]) -> bool:
    def value(element: str) -> str:
        return item.partition(f"<{element}>")[2].partition("<")[0]

    asked = [ec2._p(p, f"ZoneName.{number}") for number in range(1, 10)]
    if value("zoneName") not in names() or (any(asked) and value("zoneName") not in asked):
        return False
    filters = {name: wanted for name, wanted in ec2._parse_filters(p).items() if name in _ELEMENTS}
    return all(
        any(fnmatchcase(value(_ELEMENTS[name]), pattern) for pattern in wanted) for name, wanted in filters.items()
    )


def _describe(old: Any, p: dict[str, Any]) -> Any:
    status, headers, body = old(p)
    text = _ITEM.sub(lambda found: found[0] if _offered(found[0], p) else "", body.decode())
    return status, headers, text.encode()


def install() -> None:
    """Put this around MiniStack's answers."""
    session = botocore.session.get_session()
    known = {name for name, _ in ec2._AWS_REGIONS}
    if get_region() not in known:  # MiniStack lists the regions of the partition aws
        regions = session.get_available_regions("ec2", session.get_partition_for_region(get_region()))
        ec2._AWS_REGIONS[:] = [(name, "opt-in-not-required") for name in regions]
    patch.wrap(ec2, "_describe_availability_zones", _describe, "p")
