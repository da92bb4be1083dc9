"""A service, created and updated."""

from typing import Any

from ministack.services import alb, ecs

from cloud.ecs.rules import placement
from cloud.ecs.rules.definitions import NAME
from cloud.ecs.rules.refuse import parameter
from cloud.elb import health
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_tgs",
    ecs: "_resolve_service_ref _resolve_td_key _services _task_defs",
}


def _stored(call: Call) -> dict[str, Any]:
    """The service that the call names, or nothing."""
    reference = call.parameters.get("service") or call.parameters.get("serviceName")
    name = (ecs._resolve_service_ref(reference) or ("",))[0]
    return ecs._services.get(f"{placement.cluster(call.parameters)['clusterName']}/{name}") or {}


def _wanted(call: Call) -> dict[str, Any]:
    """The service as the call wants it."""
    if call.operation == "CreateService":
        return call.parameters
    wanted = _stored(call) | call.parameters
    if call.parameters.get("capacityProviderStrategy"):
        wanted["launchType"] = None
    return wanted


def _definition(call: Call) -> dict[str, Any]:
    """The definition of the service, which an update may leave as it is."""
    if call.operation == "CreateService" or "taskDefinition" in call.parameters:
        return placement.definition(call.parameters.get("taskDefinition"))
    return ecs._task_defs.get(ecs._resolve_td_key(_stored(call)["taskDefinition"])) or {}


@rule("ecs", "CreateService")
def _new(call: Call) -> None:
    """A service of the name may be there, but neither work nor drain.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    """
    parameter(NAME.fullmatch(call.parameters["serviceName"]), "Service name contains invalid characters.")
    status = _stored(call).get("status")
    parameter(status != "DRAINING", "Unable to Start a service that is still Draining.")
    parameter(status != "ACTIVE", "Creation of service was not idempotent.")
    replica = call.parameters.get("schedulingStrategy", "REPLICA") == "REPLICA"
    parameter(not replica or "desiredCount" in call.parameters, "Desired count is required for REPLICA services.")


@rule("ecs", "UpdateService")
def _existing(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""
    if not (stored := _stored(call)):
        raise Refused("ServiceNotFoundException", "Service not found.")
    if stored.get("status") != "ACTIVE":
        raise Refused("ServiceNotActiveException", "Service was not ACTIVE.")


@rule("ecs", "CreateService UpdateService")
def _numbers(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""
    wanted = _wanted(call)
    for member in ("desiredCount", "healthCheckGracePeriodSeconds"):
        parameter((wanted.get(member) or 0) >= 0, f"{member} must be at least 0")
    changed = call.parameters.get("deploymentConfiguration") or {}
    config = (_stored(call).get("deploymentConfiguration") or {}) | changed
    most, least = config.get("maximumPercent", 200), config.get("minimumHealthyPercent", 100)
    parameter(most >= 100, "maximumPercent must be at least 100")
    parameter(most <= 200, "maximumPercent must be at most 200")
    parameter(least >= 0, "minimumHealthyPercent must be at least 0")
    parameter(least <= 100, "minimumHealthyPercent must be at most 100")
    words = "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
    parameter(least < most, words)
    controller = (wanted.get("deploymentController") or {}).get("type", "ECS")
    breaker = (config.get("deploymentCircuitBreaker") or {}).get("enable")
    words = "The deployment circuit breaker can only be used with the ECS deployment controller."
    parameter(controller == "ECS" or not breaker, words)
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
    words = "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration."
    parameter(most > 100 or wanted.get("availabilityZoneRebalancing") != "ENABLED", words)


@rule("ecs", "CreateService UpdateService")
def _place(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
    wanted, given = _wanted(call), call.parameters
    what, created = _definition(call), call.operation == "CreateService"
    launch = placement.capacity(wanted, placement.cluster(given), what)
    if created or "networkConfiguration" in given:
        placement.network(wanted, what, launch)
    daemon = wanted.get("schedulingStrategy") == "DAEMON"
    parameter(not daemon or launch != "FARGATE", "The daemon scheduling strategy is not supported with FARGATE.")
    done = "service couldn't be created" if created else "service couldn't be updated"
    placement.shell(wanted, what.get("taskRoleArn"), done)


@rule("ecs", "CreateService UpdateService")
def _balancers(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html"""
    wanted, what = _wanted(call), _definition(call)
    balancers = wanted.get("loadBalancers") or []
    words = "Health check grace period is only valid for services configured to use load balancers"
    parameter(balancers or not wanted.get("healthCheckGracePeriodSeconds"), words)
    parameter(len(balancers) <= 5, "loadBalancers can have at most 5 items.")
    words = "You cannot specify an IAM role for services that require a service linked role."
    parameter(what.get("networkMode") != "awsvpc" or not wanted.get("role"), words)
    containers = {each["name"]: each for each in what.get("containerDefinitions") or []}
    for balancer in balancers:
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        parameter(name in containers, f"The container {name} does not exist in the task definition.")
        ports = [mapping.get("containerPort") for mapping in containers[name].get("portMappings") or []]
        parameter(port in ports, f"The container {name} did not have a container port {port} defined.")
        if arn := balancer.get("targetGroupArn"):
            _target_group(arn, what.get("networkMode"))
        else:
            parameter(what.get("networkMode") != "awsvpc", "Classic Load Balancers are not supported with awsvpc.")


def _target_group(arn: str, mode: str | None) -> None:
    group = alb._tgs.get(arn)
    parameter(group, f"The specified target group does not exist: {arn}")
    kind = group.get("TargetType", "instance")
    words = f"which is incompatible with the {mode} network mode specified in the task definition."
    parameter(mode != "awsvpc" or kind == "ip", f"The provided target group {arn} has target type {kind}, {words}")
    words = f"The target group with targetGroupArn {arn} does not have an associated load balancer."
    parameter(health.in_use(arn), words)
