"""Clear the host bits of ranges: 10.1.2.3/16 becomes 10.1.0.0/16.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html (also API_CreateSubnet and API_CreateRoute):
"we modify the specified CIDR block to its canonical form". MiniStack keeps what it is given.
"""

import ipaddress
from typing import Any

from ministack.services import ec2

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_p",
}

_PARAMETERS = {
    "CidrBlock": ("CreateVpc", "CreateSubnet"),
    "DestinationCidrBlock": ("CreateRoute", "ReplaceRoute", "DeleteRoute"),
}


def block(text: str) -> str:
    """The canonical form of a range; the text itself when it is none."""
    try:
        return str(ipaddress.ip_network(text, strict=False)) if "/" in text else text
    except ValueError:
        return text


def install() -> None:
    """Put this before the operations."""

    def clearing(parameter: str) -> Any:
        def around(old: Any, p: dict[str, Any]) -> Any:
            given = ec2._p(p, parameter)
            return old({**p, parameter: block(given)} if given else p)

        return around

    for parameter, operations in _PARAMETERS.items():
        for operation in operations:
            patch.wrap_operation(ec2, operation, clearing(parameter))
