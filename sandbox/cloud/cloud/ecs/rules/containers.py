"""One container of a task definition, whatever it runs on."""

import re
from typing import Any

from cloud.ecs.rules.definitions import containers
from cloud.ecs.rules.refuse import client
from cloud.requests.rules import Call, rule

# The ARN of a secret, or the ARN or the name of a parameter.
_SECRET = re.compile(r"arn:[a-z-]+:secretsmanager:.+|(arn:[a-z-]+:ssm:[a-z0-9-]+:\d{12}:parameter)?[A-Za-z0-9_./-]+")
_HEALTH = (("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300))
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
_AWSLOGS = {
    *("awslogs-create-group", "awslogs-datetime-format", "awslogs-endpoint", "awslogs-group", "awslogs-region"),
    *("awslogs-multiline-pattern", "awslogs-stream-prefix", "max-buffer-size", "mode"),
}
# What a container cannot have in a task with a network of its own.
_NOT_IN_AWSVPC = {
    "links": "Links are not supported when networkMode=awsvpc",
    "hostname": "hostname is not supported on container when networkMode=awsvpc",
    "dnsServers": "DNS servers are not supported on container when networkMode=awsvpc",
    "dnsSearchDomains": "DNS search domains are not supported on container when networkMode=awsvpc",
    "extraHosts": "Extra hosts are not supported on container when networkMode=awsvpc",
    "disableNetworking": "Disable Networking is not supported on container when networkMode=awsvpc",
}


@rule("ecs", "RegisterTaskDefinition")
def _health_check(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""
    for container in containers(call):
        if not (check := container.get("healthCheck")):
            continue
        starts = check["command"][:1] in (["CMD"], ["CMD-SHELL"], ["NONE"])
        client(starts, "Health check command must start with CMD or CMD-SHELL.")
        for member, least, most in _HEALTH:
            given = check.get(member)
            words = f"The health check {member} of container '{container['name']}' must be between {least} and {most}."
            client(given is None or least <= given <= most, words)


@rule("ecs", "RegisterTaskDefinition")
def _timeouts(call: Call) -> None:
    """Two seconds at least, and a restart after 60 to 1800.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html and
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
    """
    for container in containers(call):
        name = container["name"]
        for which in ("start", "stop"):
            given = container.get(f"{which}Timeout")
            words = f"Granular {which} timeout on container '{name}' must be at least 2 seconds."
            client(given is None or given >= 2, words)
        period = (container.get("restartPolicy") or {}).get("restartAttemptPeriod")
        words = f"the 'restartAttemptPeriod' setting for container '{name}' must be between 60 and 1800"
        client(period is None or 60 <= period <= 1800, words)


@rule("ecs", "RegisterTaskDefinition")
def _ports(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"""
    mode = call.parameters.get("networkMode")
    for container in containers(call):
        for mapping in container.get("portMappings") or []:
            port, host = mapping.get("containerPort"), mapping.get("hostPort")
            client(mode != "none", "Port mappings are not supported when networkMode=none.")
            client(port is None or 1 <= port <= 65535, "Container port must be between 1 and 65535.")
            same = mode not in ("awsvpc", "host") or not host or host == port
            client(same, f"When networkMode={mode}, the host ports and container ports in port mappings must match.")


@rule("ecs", "RegisterTaskDefinition")
def _variables(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html"""
    for container in containers(call):
        unique(container.get("secrets") or [], container.get("environment") or [])
        for secret in container.get("secrets") or []:
            words = f"The Systems Manager parameter name specified for secret {secret['name']} is invalid."
            client(_SECRET.fullmatch(secret["valueFrom"]), words)


def unique(secrets: list[dict[str, Any]], environment: list[dict[str, Any]]) -> None:
    """Refuse a secret that is named like a variable or another secret."""
    taken = {variable.get("name") for variable in environment}
    for secret in secrets:
        words = (
            "The secret name must be unique and not shared with any new or existing environment variables set on the "
            f"container, such as '{secret['name']}'."
        )
        client(secret["name"] not in taken, words)
        taken.add(secret["name"])


@rule("ecs", "RegisterTaskDefinition")
def _ulimits(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html"""
    for container in containers(call):
        for limit in container.get("ulimits") or []:
            within = limit["softLimit"] <= limit["hardLimit"]
            client(within, f"Soft limit exceeds hard limit for ulimit {limit['name']}")


@rule("ecs", "RegisterTaskDefinition")
def _awsvpc(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"""
    for container in containers(call) if call.parameters.get("networkMode") == "awsvpc" else []:
        for member, words in _NOT_IN_AWSVPC.items():
            client(not container.get(member), words)


@rule("ecs", "RegisterTaskDefinition")
def _logs(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"""
    for container in containers(call):
        log = container.get("logConfiguration") or {}
        options = log.get("options") or {}
        if log.get("logDriver") == "awslogs":
            lacking = [each for each in ("awslogs-region", "awslogs-group") if not options.get(each)]
            client(not lacking, f"Log driver awslogs requires options: {', '.join(lacking)}")
            unknown = sorted(set(options) - _AWSLOGS)
            client(not unknown, f"Log driver awslogs disallows options: {', '.join(unknown)}")
