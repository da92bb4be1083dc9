"""Give each task the network interface that its configuration asks for.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html and API_Attachment.html.
MiniStack keeps the first subnet of a request, and shows it with an address that is none of the subnet's.
"""

import uuid
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2, ecs

from cloud.core import patch
from cloud.ec2.interfaces import default_groups
from cloud.ecs import failures
from cloud.network import interfaces

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_subnets",
}


class Requested(str):
    """The first subnet of a request, which MiniStack keeps, with all that was asked for."""

    asked: dict[str, Any]


def _requested(old: Any, data: dict[str, Any]) -> Requested | None:
    if (first := old(data)) is None:
        return None
    requested = Requested(first)
    requested.asked = data["networkConfiguration"]["awsvpcConfiguration"]
    return requested


def attach(task: dict[str, Any]) -> None:
    """Give a task its interface; a StartError when none of its subnets has a free address."""
    asked = task["_subnet"].asked
    # "the default security group for the VPC is used"
    groups = asked.get("securityGroups") or default_groups((ec2._subnets.get(task["_subnet"]) or {}).get("VpcId"))
    public, attachment = asked.get("assignPublicIp") == "ENABLED", str(uuid.uuid4())
    account, region = get_account_id(), get_region()
    description = f"arn:aws:ecs:{region}:{account}:attachment/{attachment}"
    try:
        own = interfaces.create(asked["subnets"], groups, interfaces.TASK, task["taskArn"], description, public)
    except interfaces.FullError as error:
        raise failures.no_address(str(error), public) from error
    task["_subnet"], task["availabilityZone"] = own["SubnetId"], own["AvailabilityZone"]
    details = {
        "subnetId": own["SubnetId"],
        "networkInterfaceId": own["NetworkInterfaceId"],
        "macAddress": own["MacAddress"],
        "privateDnsName": f"ip-{own['PrivateIpAddress'].replace('.', '-')}.{region}.compute.internal",
        "privateIPv4Address": own["PrivateIpAddress"],
    }
    task["attachments"] = [
        {
            "id": attachment,
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]


def install() -> None:
    """Keep what is asked for until the task starts."""
    patch.wrap(ecs, "_requested_subnet", _requested, "data")
