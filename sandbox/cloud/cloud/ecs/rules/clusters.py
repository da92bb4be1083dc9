"""Clusters and their capacity, and tags."""

from typing import Any

from ministack.services import ecs

from cloud.ecs.rules import placement
from cloud.ecs.rules.definitions import NAME
from cloud.ecs.rules.refuse import parameter
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {ecs: "_capacity_providers _services _tasks"}

_IN_A_CLUSTER = (
    "CreateService DeleteCluster DeleteService DescribeServices DescribeTasks ExecuteCommand ListServices ListTasks "
    "PutClusterCapacityProviders RunTask StopTask UpdateCluster UpdateClusterSettings UpdateService"
)
_OWN = ("FARGATE", "FARGATE_SPOT")
_TAGGING = "CreateCluster CreateService RegisterTaskDefinition RunTask TagResource"
_INSIGHTS = ("enabled", "disabled", "enhanced")


@rule("ecs", _IN_A_CLUSTER)
def _cluster(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html and each API_<operation>.html"""
    placement.cluster(call.parameters)


@rule("ecs", "CreateCluster")
def _new(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html"""
    given = call.parameters
    parameter(NAME.fullmatch(given.get("clusterName", "default")), "Cluster name contains invalid characters.")
    _providers(given)


@rule("ecs", "PutClusterCapacityProviders")
def _capacity(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html"""
    _providers(call.parameters)
    kept, where = call.parameters["capacityProviders"], placement.cluster(call.parameters)
    if any(item not in kept for each in _working(where) for item in _used(each)):
        raise Refused("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")


@rule("ecs", "CreateCluster UpdateCluster UpdateClusterSettings")
def _settings(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ClusterSetting.html"""
    for setting in call.parameters.get("settings") or []:
        parameter(setting.get("value") in _INSIGHTS, "Invalid setting 'value'")


@rule("ecs", "DeleteCluster")
def _delete(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html"""
    for each in _working(placement.cluster(call.parameters)):
        kind = "Services" if "serviceArn" in each else "Tasks"
        raise Refused(f"ClusterContains{kind}Exception", f"The Cluster cannot be deleted while {kind} are active.")


@rule("ecs", _TAGGING)
def _tags(call: Call) -> None:
    """Keys once each, without the prefix that is AWS's own; where tags are named there is one.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html
    """
    tags = call.parameters.get("tags")
    if tags is None:
        return
    code = "ClientException" if call.operation == "RegisterTaskDefinition" else "InvalidParameterException"
    keys = [tag.get("key") or "" for tag in tags]
    if not tags and call.operation == "RegisterTaskDefinition":
        raise Refused(code, "Tags can not be empty.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise Refused(code, "Tag keys cannot start with aws:")
    if len(set(keys)) < len(keys):
        raise Refused(code, "Duplicate tag keys found.")


def _providers(given: dict[str, Any]) -> None:
    providers = given.get("capacityProviders") or []
    for provider in providers:
        known = provider in _OWN or provider.rsplit("/", 1)[-1] in ecs._capacity_providers
        words = f"The specified capacity provider '{provider}' was not found."
        parameter(known, f"{words} Specify a valid name or ARN and try again.")
    placement.strategy(given.get("defaultCapacityProviderStrategy") or [], providers)


def _working(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    """What is in a cluster: services that are not gone, and tasks that have not stopped."""
    arn = cluster["clusterArn"]
    services = [each for each in ecs._services.values() if each["status"] != "INACTIVE"]
    tasks = [each for each in ecs._tasks.values() if each["lastStatus"] != "STOPPED"]
    return [each for each in services + tasks if each["clusterArn"] == arn]


def _used(each: dict[str, Any]) -> list[str]:
    if "serviceArn" in each:
        return [item["capacityProvider"] for item in each.get("capacityProviderStrategy") or []]
    return [each["capacityProviderName"]] if each.get("capacityProviderName") else []
