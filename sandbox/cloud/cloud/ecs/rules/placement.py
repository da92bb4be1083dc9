"""Where a task is to run: what services and single tasks have in common.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html, API_CreateService.html,
API_AwsVpcConfiguration.html and API_CapacityProviderStrategyItem.html
"""

from typing import Any

from ministack.services import ec2, ecs

from cloud.ecs.rules.refuse import client, parameter
from cloud.requests.rules import Refused

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_security_groups _subnets",
    ecs: "_clusters _resolve_cluster_name _resolve_td_key _task_defs",
}

Given = dict[str, Any]

_FARGATE = ("FARGATE", "FARGATE_SPOT")
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
_PLATFORM_VERSIONS = (None, "", "LATEST", "1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0")
_STRATEGY = "The specified capacity provider strategy cannot contain "


def cluster(given: Given) -> Given:
    """The cluster that a call names; "default" when it names none."""
    found = ecs._clusters.get(ecs._resolve_cluster_name(given.get("cluster")) or "")
    if not found:
        raise Refused("ClusterNotFoundException", "Cluster not found.")
    return found


def definition(reference: str | None) -> Given:
    """The ACTIVE definition that is named."""
    client(reference, "TaskDefinition can not be blank.")
    found = ecs._task_defs.get(ecs._resolve_td_key(reference))
    client(found, "TaskDefinition not found.")
    client(found["status"] == "ACTIVE", "TaskDefinition is inactive")
    return found


def strategy(items: list[Given], providers: list[str]) -> None:
    """Refuse a strategy that does not fit the cluster with these providers."""
    parameter(len(items) <= 20, f"{_STRATEGY}more than 20 capacity providers.")
    for item in items:
        words = f"{_STRATEGY}a capacity provider that is not associated with the cluster. "
        associated = item["capacityProvider"] in providers
        parameter(associated, f"{words}Associate the capacity provider with the cluster and try again.")
    bases = [item for item in items if item.get("base")]
    words = "There are multiple capacity providers in the specified capacity provider strategy"
    parameter(len(bases) <= 1, f"{words} with a base value defined.")
    words = "There are no capacity providers in the capacity provider strategy with a weight value greater than zero."
    parameter(len(items) <= 1 or any(item.get("weight") for item in items), words)


def capacity(given: Given, where: Given, what: Given) -> str:
    """The launch type that follows from the call, its cluster and its definition."""
    launch, items = given.get("launchType"), given.get("capacityProviderStrategy") or []
    both = "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
    parameter(not (launch and items), both)
    strategy(items, where["capacityProviders"])
    if not launch:
        used = items or where.get("defaultCapacityProviderStrategy") or []
        launch = "FARGATE" if any(item["capacityProvider"] in _FARGATE for item in used) else "EC2"
    if launch == "FARGATE":
        fits = what.get("networkMode") == "awsvpc" and what.get("cpu") and what.get("memory")
        parameter(fits, "Task definition does not support launch_type FARGATE.")
        for member in ("Strategy", "Constraints"):
            words = f"Placement {member.lower()} is not supported with FARGATE launch type."
            parameter(not given.get(f"placement{member}"), words)
    _platform(given.get("platformVersion"), launch)
    return launch


def _platform(version: str | None, launch: str) -> None:
    if launch == "FARGATE" and version not in _PLATFORM_VERSIONS:
        raise Refused("PlatformUnknownException", "The specified platform does not exist.")
    words = "The platform version must be null when specifying an EC2 launch type."
    parameter(launch != "EC2" or not version, words)


def network(given: Given, what: Given, launch: str) -> None:
    """Refuse a network that is not there, or that the definition cannot take."""
    wanted = (given.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if what.get("networkMode") != "awsvpc":
        words = "Network Configuration is not valid for the given networkMode of this task definition."
        parameter(not wanted, words)
        return
    parameter(wanted, "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    public = wanted.get("assignPublicIp") == "ENABLED"
    parameter(launch == "FARGATE" or not public, "Assign public IP is not supported for this launch type.")
    subnets, groups = wanted.get("subnets") or [], wanted.get("securityGroups") or []
    parameter(subnets, "subnets can not be empty.")
    parameter(len(subnets) <= 16, "subnets can have at most 16 items.")
    parameter(len(groups) <= 5, "securityGroups can have at most 5 items.")
    vpc = _vpc(subnets)
    for group in groups:
        found = ec2._security_groups.get(group)
        listed = f"Error retrieving security group information for [{', '.join(groups)}]: The security group "
        parameter(found, f"{listed}'{group}' does not exist (ErrorCode: InvalidGroup.NotFound)")
        words = f"Security group {group} does not appear to belong to the same VPC as the input subnets."
        parameter(found["VpcId"] == vpc, words)


def _vpc(subnets: list[str]) -> str:
    vpcs = set()
    for subnet in subnets:
        found = ec2._subnets.get(subnet)
        listed = f"Error retrieving subnet information for [{', '.join(subnets)}]: The subnet ID "
        parameter(found, f"{listed}'{subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)")
        vpcs.add(found["VpcId"])
    parameter(len(vpcs) == 1, "All subnets must be in the same VPC.")
    return vpcs.pop()


def shell(given: Given, role: Any, done: str) -> None:
    """ECS Exec acts as the task role: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html."""
    words = (
        f"The {done} because a valid taskRoleArn is not being used. "
        "Specify a valid task role in your task definition and try again."
    )
    parameter(role or not given.get("enableExecuteCommand"), words)
