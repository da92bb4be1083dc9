"""What ECS refuses of services, tasks and clusters is refused, and what is next to it is taken."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import client, refused
from helpers.throttle import throttle
from helpers.workplace import Workplace, make_workplace

PARAMETER, CLIENT = "InvalidParameterException", "ClientException"
Change = Callable[[Workplace], dict]


@pytest.fixture(scope="module")
def place(aws: Emulator) -> Workplace:
    return make_workplace(aws, "services")


@pytest.fixture(scope="module")
def ecs(aws: Emulator) -> Iterator[Any]:
    throttle(aws, "ecs", "RunTask", rate=1000, burst=1000)  # a table asks faster than AWS lets it
    yield client(aws, "ecs")
    throttle(aws, "ecs", "RunTask")


def task(place: Workplace, change: dict) -> dict:
    """A task that is right but for a change."""
    right = {
        "cluster": place.cluster,
        "taskDefinition": place.definitions["right"],
        "launchType": "FARGATE",
        "networkConfiguration": place.vpc.configuration,
    }
    return {name: value for name, value in (right | change).items() if value is not None}


def service(place: Workplace, name: str, change: dict) -> dict:
    """A service without tasks that is right but for a change."""
    return task(place, {"serviceName": name, "desiredCount": 0, **change})


def network(vpc: Any = None, **change: Any) -> Change:
    """Change the network: ``vpc`` gives one member of it."""

    def changed(place: Workplace) -> dict:
        wanted = place.vpc.configuration["awsvpcConfiguration"] | change
        return {"networkConfiguration": {"awsvpcConfiguration": wanted | (vpc(place) if vpc else {})}}

    return changed


def always(**change: Any) -> Change:
    return lambda place: change


def defined(kind: str, **change: Any) -> Change:
    return lambda place: {"taskDefinition": place.definitions[kind], **change}


def balanced(group: str = "right", container: str = "main", port: int = 80) -> Change:
    def changed(place: Workplace) -> dict:
        arn = place.groups.get(group, group)
        return {"loadBalancers": [{"targetGroupArn": arn, "containerName": container, "containerPort": port}]}

    return changed


def on(*strategy: dict) -> Change:
    return always(launchType=None, capacityProviderStrategy=list(strategy))


def percent(least: int, most: int, rebalancing: str | None = None) -> Change:
    config = {"minimumHealthyPercent": least, "maximumPercent": most}
    return always(deploymentConfiguration=config, availabilityZoneRebalancing=rebalancing)


FARGATE = {"capacityProvider": "FARGATE", "weight": 1}
RIGHT = always()
# What is wrong with a service and with a task alike: the code, the words, the change, and a neighbor that is taken.
BOTH: dict[str, tuple[str, str, Change, Change]] = {
    "absent cluster": ("ClusterNotFoundException", "Cluster not found.", always(cluster="absent"), RIGHT),
    "absent definition": (CLIENT, "TaskDefinition not found.", always(taskDefinition="absent:1"), RIGHT),
    "inactive definition": (CLIENT, "TaskDefinition is inactive", defined("inactive"), RIGHT),
    "definition for machines": (
        PARAMETER,
        "does not support launch_type FARGATE",
        defined("on-machines", networkConfiguration=None),
        defined("on-machines", networkConfiguration=None, launchType="EC2"),
    ),
    "network for a bridge": (
        PARAMETER,
        "not valid for the given networkMode",
        defined("on-machines", launchType="EC2"),
        defined("on-machines", networkConfiguration=None, launchType="EC2"),
    ),
    "launch type and strategy": (
        PARAMETER,
        "both a launch type and capacity provider strategy",
        always(capacityProviderStrategy=[FARGATE]),
        on(FARGATE),
    ),
    "strategy of another cluster": (
        PARAMETER,
        "not associated with the cluster",
        on({"capacityProvider": "FARGATE_SPOT", "weight": 1}),
        on(FARGATE),
    ),
    "strategy without weight": (
        PARAMETER,
        "weight value greater than zero",
        on({"capacityProvider": "FARGATE"}, {"capacityProvider": "FARGATE"}),
        on({"capacityProvider": "FARGATE"}),
    ),
    "strategy with two bases": (
        PARAMETER,
        "multiple capacity providers",
        on(FARGATE | {"base": 1}, FARGATE | {"base": 1}),
        on(FARGATE | {"base": 1}),
    ),
    "no network": (PARAMETER, "must be provided when networkMode 'awsvpc'", always(networkConfiguration=None), RIGHT),
    "no subnet": (PARAMETER, "subnets can not be empty", network(subnets=[]), RIGHT),
    "absent subnet": (
        PARAMETER,
        "The subnet ID 'subnet-0' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
        network(subnets=["subnet-0"]),
        network(lambda place: {"subnets": place.vpc.subnets}),
    ),
    "many subnets": (PARAMETER, "at most 16 items", network(lambda p: {"subnets": p.vpc.subnets * 9}), RIGHT),
    "subnets of two networks": (
        PARAMETER,
        "must be in the same VPC",
        network(lambda place: {"subnets": [place.vpc.subnets[0], place.other_vpc.subnets[0]]}),
        network(lambda place: {"subnets": place.vpc.subnets}),
    ),
    "absent group": (
        PARAMETER,
        "The security group 'sg-0' does not exist (ErrorCode: InvalidGroup.NotFound)",
        network(securityGroups=["sg-0"]),
        network(securityGroups=[]),
    ),
    "group of another network": (
        PARAMETER,
        "does not appear to belong to the same VPC",
        network(lambda place: {"securityGroups": [place.other_vpc.group]}),
        RIGHT,
    ),
    "many groups": (PARAMETER, "at most 5 items", network(lambda p: {"securityGroups": [p.vpc.group] * 6}), RIGHT),
    "public address on machines": (
        PARAMETER,
        "Assign public IP is not supported",
        lambda place: network(assignPublicIp="ENABLED")(place) | {"launchType": "EC2"},
        network(assignPublicIp="ENABLED"),
    ),
    "platform version": (
        "PlatformUnknownException",
        "does not exist",
        always(platformVersion="1.9.0"),
        always(platformVersion="LATEST"),
    ),
    "platform of machines": (
        PARAMETER,
        "must be null when specifying an EC2 launch type",
        defined("on-machines", networkConfiguration=None, launchType="EC2", platformVersion="1.4.0"),
        always(platformVersion="1.4.0"),
    ),
    "placement on Fargate": (
        PARAMETER,
        "not supported with FARGATE",
        always(placementConstraints=[{"type": "distinctInstance"}]),
        always(placementConstraints=[]),
    ),
    "shell without role": (
        PARAMETER,
        "a valid taskRoleArn is not being used",
        defined("without-role", enableExecuteCommand=True),
        always(enableExecuteCommand=True),
    ),
    "AWS's tags": (PARAMETER, "aws:", always(tags=[{"key": "AWS:a", "value": "b"}]), always(tags=[])),
}
SERVICES: dict[str, tuple[str, str, Change, Change]] = {
    "name": (PARAMETER, "contains invalid characters", always(serviceName="a b"), RIGHT),
    "no definition": (CLIENT, "TaskDefinition can not be blank", always(taskDefinition=None), RIGHT),
    "no count": (PARAMETER, "Desired count is required", always(desiredCount=None), RIGHT),
    "negative count": (PARAMETER, "desiredCount must be at least 0", always(desiredCount=-1), RIGHT),
    "daemon on Fargate": (PARAMETER, "not supported with FARGATE", always(schedulingStrategy="DAEMON"), RIGHT),
    "maximum below all": (PARAMETER, "maximumPercent must be at least 100", percent(0, 99), percent(0, 101)),
    "maximum above twice": (PARAMETER, "maximumPercent must be at most 200", percent(0, 201), percent(0, 200)),
    "minimum above all": (PARAMETER, "minimumHealthyPercent must be at most 100", percent(101, 200), percent(100, 200)),
    "no room": (PARAMETER, "as this will block deployments", percent(100, 100), percent(99, 100)),
    "rebalancing without room": (
        PARAMETER,
        "Rebalancing does not support maximumPercent <= 100",
        percent(0, 100, "ENABLED"),
        percent(0, 101, "ENABLED"),
    ),
    "breaker of another controller": (
        PARAMETER,
        "only be used with the ECS deployment controller",
        always(
            deploymentController={"type": "EXTERNAL"},
            deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        ),
        always(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}}),
    ),
    "grace without balancer": (
        PARAMETER,
        "Health check grace period is only valid",
        always(healthCheckGracePeriodSeconds=60),
        lambda place: balanced()(place) | {"healthCheckGracePeriodSeconds": 60},
    ),
    "unknown container": (PARAMETER, "container web does not exist in the", balanced(container="web"), balanced()),
    "unknown port": (PARAMETER, "did not have a container port 81 defined", balanced(port=81), balanced()),
    "absent target group": (
        PARAMETER,
        "target group does not exist",
        balanced("arn:aws:elasticloadbalancing:us-west-1:111122223333:targetgroup/absent/0"),
        balanced(),
    ),
    "target group of instances": (PARAMETER, "has target type instance", balanced("instance"), balanced()),
    "target group on no balancer": (PARAMETER, "not have an associated load balancer", balanced("alone"), balanced()),
    "role of its own": (PARAMETER, "cannot specify an IAM role", always(role="ecsServiceRole"), balanced()),
    "classic balancer": (
        PARAMETER,
        "Classic Load Balancers",
        always(loadBalancers=[{"loadBalancerName": "b", "containerName": "main", "containerPort": 80}]),
        balanced(),
    ),
}


def override(**members: Any) -> Change:
    return always(overrides={"containerOverrides": [{"name": "main", **members}]})


TASKS: dict[str, tuple[str, str, Change, Change]] = {
    "none": (PARAMETER, "count must be", always(count=0), RIGHT),
    "eleven": (PARAMETER, "count must be", always(count=11), RIGHT),
    "who starts it": (PARAMETER, "at most 128", always(startedBy="a" * 129), always(startedBy="a/" * 64)),
    "group of a service": (PARAMETER, "Invalid namespace for group", always(group="service:a"), always(group="runs")),
    "tags of a service": (PARAMETER, "must be one of [TASK_DEF", always(propagateTags="SERVICE"), RIGHT),
    "unknown container": (PARAMETER, "named web is not a container", override(name="web"), override(name="main")),
    "long": (PARAMETER, "at most 8192", override(command=["x" * 8192]), override(command=["x" * 8000])),
    "named like a secret": (
        CLIENT,
        "such as 'SECRET'",
        override(environment=[{"name": "SECRET", "value": "1"}]),
        override(environment=[{"name": "PLAIN", "value": "1"}]),
    ),
    "size": (
        PARAMETER,
        "1024 CPU, 1024 memory",
        always(overrides={"cpu": "1024"}),
        always(overrides={"cpu": "1024", "memory": "2048"}),
    ),
    "storage": (
        PARAMETER,
        "at most 200",
        always(overrides={"ephemeralStorage": {"sizeInGiB": 201}}),
        always(overrides={"ephemeralStorage": {"sizeInGiB": 200}}),
    ),
    "memory": (PARAMETER, "greater than for the task", override(memory=1025), override(memory=1024)),
}


@pytest.mark.parametrize(("code", "words", "change", "neighbor"), (BOTH | SERVICES).values(), ids=BOTH | SERVICES)
def test_a_wrong_service_is_refused_and_its_neighbor_taken(
    ecs: Any, place: Workplace, request: Any, code: str, words: str, change: Change, neighbor: Change
) -> None:
    name = request.node.callspec.id.replace(" ", "-").replace("'", "")
    refused(ecs, "create_service", service(place, name, change(place)), code, words)
    assert ecs.create_service(**service(place, name, neighbor(place)))["service"]["status"] == "ACTIVE"


@pytest.mark.parametrize(("code", "words", "change", "neighbor"), (BOTH | TASKS).values(), ids=BOTH | TASKS)
def test_a_wrong_task_is_refused_and_its_neighbor_reaches_the_launch(
    ecs: Any, place: Workplace, code: str, words: str, change: Change, neighbor: Change
) -> None:
    refused(ecs, "run_task", task(place, change(place)), code, words)
    # Without a container engine the last refusal is the capacity's.
    refused(ecs, "run_task", task(place, neighbor(place)), CLIENT, "Capacity is unavailable")


def test_a_name_is_given_to_one_service(ecs: Any, place: Workplace) -> None:
    ecs.create_service(**service(place, "once", {}))
    refused(ecs, "create_service", service(place, "once", {}), PARAMETER, "Creation of service was not idempotent.")


UPDATES: dict[str, tuple[str, str, Change, Change]] = {
    "definition": (CLIENT, "TaskDefinition is inactive", defined("inactive"), defined("right")),
    "count": (PARAMETER, "desiredCount must be at least 0", always(desiredCount=-1), always(desiredCount=0)),
    "percent": (PARAMETER, "as this will block deployments", percent(100, 100), percent(50, 100)),
    "network": (PARAMETER, "'sg-0' does not exist", network(securityGroups=["sg-0"]), network()),
    "balancer": (PARAMETER, "container port 81", balanced(port=81), balanced()),
    "strategy": (
        PARAMETER,
        "not associated with the cluster",
        always(capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT"}]),
        always(capacityProviderStrategy=[FARGATE]),
    ),
}


@pytest.mark.parametrize(("code", "words", "change", "neighbor"), UPDATES.values(), ids=UPDATES)
def test_a_wrong_update_is_refused_and_its_neighbor_taken(
    ecs: Any, place: Workplace, request: Any, code: str, words: str, change: Change, neighbor: Change
) -> None:
    name = f"update-{request.node.callspec.id}"
    ecs.create_service(**service(place, name, percent(0, 100, "DISABLED")(place)))

    def update(change: Change) -> dict:
        given = {"cluster": place.cluster, "service": name, **change(place)}
        return {member: value for member, value in given.items() if value is not None}

    refused(ecs, "update_service", update(change), code, words)
    assert ecs.update_service(**update(neighbor))["service"]["status"] == "ACTIVE"


def test_a_service_that_is_gone_takes_no_update(ecs: Any, place: Workplace) -> None:
    named = {"cluster": place.cluster, "service": "gone"}
    refused(ecs, "update_service", named, "ServiceNotFoundException", "Service not found.")
    ecs.create_service(**service(place, "gone", {}))
    ecs.update_service(**named, desiredCount=0)
    ecs.delete_service(**named)
    refused(ecs, "update_service", named, "ServiceNotActiveException", "Service was not ACTIVE.")


def test_a_cluster_stays_while_something_is_in_it(aws: Emulator, ecs: Any) -> None:
    place = make_workplace(aws, "clusters")
    ecs.create_service(**service(place, "in-it", on(FARGATE)(place)))
    named = {"cluster": place.cluster}
    words = "The Cluster cannot be deleted while Services are active."
    refused(ecs, "delete_cluster", named, "ClusterContainsServicesException", words)
    spot = {**named, "capacityProviders": ["FARGATE_SPOT"], "defaultCapacityProviderStrategy": []}
    refused(ecs, "put_cluster_capacity_providers", spot, "ResourceInUseException", "is in use and cannot be removed")
    ecs.delete_service(**named, service="in-it")
    ecs.put_cluster_capacity_providers(**spot)
    assert ecs.delete_cluster(**named)["cluster"]["status"] == "INACTIVE"
    refused(ecs, "delete_cluster", named, "ClusterNotFoundException", "Cluster not found.")


SPOT = {"capacityProvider": "FARGATE_SPOT", "weight": 1}
CLUSTERS: dict[str, tuple[str, dict, dict]] = {
    "name": ("Cluster name contains", {"clusterName": "a b"}, {"clusterName": "a-b"}),
    "unknown provider": ("'LAMBDA' was not found", {"capacityProviders": ["LAMBDA"]}, {}),
    "strategy": (
        "not associated with the cluster",
        {"capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": [SPOT]},
        {"capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [SPOT]},
    ),
    "insights": (
        "Invalid setting 'value'",
        {"settings": [{"name": "containerInsights", "value": "on"}]},
        {"settings": [{"name": "containerInsights", "value": "enhanced"}]},
    ),
}


@pytest.mark.parametrize(("words", "change", "neighbor"), CLUSTERS.values(), ids=CLUSTERS)
def test_a_wrong_cluster_is_refused_and_its_neighbor_taken(
    ecs: Any, request: Any, words: str, change: dict, neighbor: dict
) -> None:
    name = {"clusterName": f"new-{request.node.callspec.id.replace(' ', '-')}"}
    refused(ecs, "create_cluster", name | change, PARAMETER, words)
    assert ecs.create_cluster(**(name | neighbor))["cluster"]["status"] == "ACTIVE"
