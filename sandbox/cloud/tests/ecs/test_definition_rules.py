"""What ECS refuses of a task definition is refused, and what is next to it is taken."""

from typing import Any

import pytest
from helpers.emulator import ACCOUNT, Emulator
from helpers.refusals import client, refused

ROLE = f"arn:aws:iam::{ACCOUNT}:role/for-definitions"
TRUST = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
]}"""
LOG = {"awslogs-group": "g", "awslogs-region": "us-west-1", "awslogs-stream-prefix": "p"}
CHECK = {"command": ["CMD", "true"]}
SECRET = {"name": "A", "valueFrom": "/a"}
INIT = {"name": "init", "image": "none", "essential": False}


@pytest.fixture(scope="module")
def ecs(aws: Emulator) -> Any:
    """A client; the role of the definitions is there."""
    client(aws, "iam").create_role(RoleName=ROLE.rsplit("/", 1)[-1], AssumeRolePolicyDocument=TRUST)
    return client(aws, "ecs")


def definition(change: dict) -> dict:
    """A definition that is right but for a change; ``container`` changes its main one, ``others`` are more."""
    change = dict(change)
    main = {"name": "main", "image": "none", **change.pop("container", {})}
    right = {
        "family": "f",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "executionRoleArn": ROLE,
        "containerDefinitions": [main, *change.pop("others", [])],
    }
    return {name: value for name, value in (right | change).items() if value is not None}


def container(**members: Any) -> dict:
    """A change of the main container."""
    return {"container": members}


def depends(condition: str, **other: Any) -> dict:
    """The main container depends on an init container."""
    return {
        "container": {"dependsOn": [{"containerName": "init", "condition": condition}]},
        "others": [INIT | other],
    }


def logs(driver: str = "awslogs", **options: Any) -> dict:
    """The main container's logging; an option that is None is left out."""
    given = {name: value for name, value in (LOG | options).items() if value}
    return container(logConfiguration={"logDriver": driver, "options": given})


def linux(**members: Any) -> dict:
    """The main container's Linux parameters."""
    return container(linuxParameters=members)


def port(host: int | None, name: str = "http") -> dict:
    """A port of the main container."""
    mapping = {"containerPort": 3000, "name": name}
    return mapping if host is None else mapping | {"hostPort": host}


def check(**members: Any) -> dict:
    """The main container's health check."""
    return container(healthCheck=CHECK | members)


VOLUMES = [{"name": "v"}]
STREAM = {"awslogs-stream": "s"}
BACK = [INIT | {"dependsOn": [{"containerName": "main", "condition": "START"}]}]
# What: the change that is refused, with which words, and a neighbor that is taken.
CASES: dict[str, tuple[dict, str, dict]] = {
    "family": ({"family": "a b"}, "Family contains invalid", {"family": "a-b_C1"}),
    "container's name": (container(name="a.b"), "Container.name contains", container(name="a_b")),
    "long name": (container(name="a" * 256), "Container.name contains", container(name="a" * 255)),
    "no image": (container(image=""), "Container.image should not be", container(image="a/b:c@sha256:d")),
    "image with a space": (container(image="a b"), "Container.image contains", container(image="a.b:1/c-d_e:latest")),
    "no containers": ({"containerDefinitions": []}, "Container list cannot be empty", {}),
    "eleven containers": (
        {"others": [INIT | {"name": f"c{number}"} for number in range(10)]},
        "Too many containers",
        {"others": [INIT | {"name": f"c{number}"} for number in range(9)]},
    ),
    "doubled names": ({"others": [INIT | {"name": "main"}]}, "must be unique", {"others": [INIT]}),
    "nothing essential": (container(essential=False), "any essential container", {}),
    "unknown dependency": (
        container(dependsOn=[{"containerName": "b", "condition": "START"}]),
        "Cannot depend on container + 'b'",
        depends("START"),
    ),
    "success of an essential one": (depends("SUCCESS", essential=True), "cannot be an essential", depends("SUCCESS")),
    "health without check": (depends("HEALTHY"), "must have health check", depends("HEALTHY", healthCheck=CHECK)),
    "cycle": (depends("START") | {"others": BACK}, "cycle", depends("START")),
    "itself": (container(dependsOn=[{"containerName": "main", "condition": "START"}]), "cycle", {}),
    "unknown volume": (
        container(mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]),
        "Unknown volume 'v'",
        container(mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]) | {"volumes": VOLUMES},
    ),
    "volumes from nobody": (
        container(volumesFrom=[{"sourceContainer": "b"}]),
        "Unknown container: 'b'",
        container(volumesFrom=[{"sourceContainer": "init"}]) | {"others": [INIT]},
    ),
    "volume's name": ({"volumes": [{"name": "a b"}]}, "Volume.name", {"volumes": VOLUMES}),
    "memory above the task's": (container(memory=1025), "greater than for the task", container(memory=1024)),
    "negative memory": (container(memory=-1), "must be positive", container(memory=6)),
    "reservation above the limit": (
        container(memory=512, memoryReservation=513),
        "'memory' must be greater",
        container(memory=512, memoryReservation=512),
    ),
    "no memory at all": (
        {"requiresCompatibilities": None, "cpu": None, "memory": None},
        "At least one of 'memory' or 'memoryReservation'",
        container(memory=128) | {"requiresCompatibilities": None, "cpu": None, "memory": None},
    ),
    "processors above the task's": (
        container(cpu=256) | {"others": [INIT | {"cpu": 257}]},
        "sum of all container 'cpu'",
        container(cpu=256) | {"others": [INIT | {"cpu": 256}]},
    ),
    "negative processors": (container(cpu=-1), "must be non-negative", container(cpu=0)),
    "secrets without role": (
        container(secrets=[SECRET]) | {"executionRoleArn": None},
        "also specify a value for 'executionRoleArn'",
        container(secrets=[SECRET]),
    ),
    "secret named like a variable": (
        container(secrets=[SECRET], environment=[{"name": "A", "value": "1"}]),
        "such as 'A'",
        container(secrets=[SECRET], environment=[{"name": "a", "value": "1"}]),
    ),
    "secret from a bucket": (
        container(secrets=[SECRET | {"valueFrom": "arn:aws:s3:::a"}]),
        "parameter name specified for secret A is invalid",
        container(secrets=[SECRET | {"valueFrom": "arn:aws:ssm:us-west-1:111122223333:parameter/a/b"}]),
    ),
    "secret from nowhere": (
        container(secrets=[SECRET | {"valueFrom": ""}]),
        "parameter name specified for secret A is invalid",
        container(secrets=[SECRET | {"valueFrom": "arn:aws:secretsmanager:us-west-1:111122223333:secret:a-b:k::"}]),
    ),
    "check without CMD": (check(command=["true"]), "must start with CMD", check(command=["CMD-SHELL", "true"])),
    "check too often": (check(interval=4), "interval", check(interval=5)),
    "check too seldom": (check(interval=301), "interval", check(interval=300)),
    "check too short": (check(timeout=1), "timeout", check(timeout=2)),
    "check too long": (check(timeout=61), "timeout", check(timeout=60)),
    "no retries": (check(retries=0), "retries", check(retries=1)),
    "many retries": (check(retries=11), "retries", check(retries=10)),
    "long start": (check(startPeriod=301), "startPeriod", check(startPeriod=300)),
    "stop at once": (container(stopTimeout=1), "at least 2 seconds", container(stopTimeout=2)),
    "long stop": (container(stopTimeout=121), "less than 120 seconds", container(stopTimeout=120)),
    "start at once": (container(startTimeout=1), "at least 2 seconds", container(startTimeout=2)),
    "restart at once": (
        container(restartPolicy={"enabled": True, "restartAttemptPeriod": 59}),
        "between 60 and 1800",
        container(restartPolicy={"enabled": True, "restartAttemptPeriod": 60}),
    ),
    "another host port": (
        container(portMappings=[port(80)]),
        "host ports and container ports in port mappings must match",
        container(portMappings=[port(3000)]),
    ),
    "port above the highest": (
        container(portMappings=[{"containerPort": 65536}]),
        "between 1 and 65535",
        container(portMappings=[{"containerPort": 65535}]),
    ),
    "doubled port names": (
        container(portMappings=[port(None), port(None) | {"containerPort": 3001}]),
        "'http' is already used",
        container(portMappings=[port(None), port(None, "other") | {"containerPort": 3001}]),
    ),
    "soft limit": (
        container(ulimits=[{"name": "nofile", "softLimit": 2, "hardLimit": 1}]),
        "Soft limit exceeds hard limit",
        container(ulimits=[{"name": "nofile", "softLimit": 1, "hardLimit": 1}]),
    ),
    "links": (container(links=["b"]), "Links are not supported", container(links=[])),
    "host name": (container(hostname="h"), "hostname is not supported", {}),
    "name servers": (container(dnsServers=["10.0.0.2"]), "DNS servers", container(dnsServers=[])),
    "hosts": (container(extraHosts=[{"hostname": "h", "ipAddress": "10.0.0.2"}]), "Extra hosts", {}),
    "log group": (logs(**{"awslogs-group": None}), "requires options: awslogs-group", logs()),
    "log region": (logs(**{"awslogs-region": None}), "requires options: awslogs-region", logs()),
    "log stream": (logs(**STREAM), "disallows options: awslogs-stream", logs(mode="non-blocking")),
    "log option": (logs(color="red"), "disallows options: color", logs(**{"awslogs-create-group": "true"})),
    "log prefix": (logs(**{"awslogs-stream-prefix": None}), "include awslogs-stream-prefix", logs()),
    "log driver": (logs("json-file"), "not a valid log driver", {}),
    "logs without role": (logs() | {"executionRoleArn": None}, "execution role ARN to support log driver", logs()),
    "network mode": ({"networkMode": "bridge"}, "only supports network mode", {}),
    "no size": ({"cpu": None}, "'cpu' be defined at the task level", {}),
    "not a size": ({"cpu": "large"}, "Invalid 'cpu' setting", {"cpu": ".5 vCPU"}),
    "cpu": ({"cpu": "300"}, "300 CPU, 1024 memory", {"cpu": "256"}),
    "memory": ({"memory": "512"}, "512 CPU, 512 memory", {"memory": "4 GB"}),
    "memory between steps": (
        {"cpu": "8192", "memory": "18432"},
        "8192 CPU, 18432 memory",
        {"cpu": "8192", "memory": "20480"},
    ),
    "ipc": ({"ipcMode": "task"}, "do not support ipcMode", {}),
    "pid": ({"pidMode": "host"}, "pidMode 'host'", {"pidMode": "task"}),
    "constraints": ({"placementConstraints": [{"type": "memberOf"}]}, "constraints", {"placementConstraints": []}),
    "small storage": ({"ephemeralStorage": {"sizeInGiB": 20}}, "at least 21", {"ephemeralStorage": {"sizeInGiB": 21}}),
    "large storage": (
        {"ephemeralStorage": {"sizeInGiB": 201}},
        "at most 200",
        {"ephemeralStorage": {"sizeInGiB": 200}},
    ),
    "host volume": (
        {"volumes": [{"name": "v", "host": {"sourcePath": "/v"}}]},
        "do not support sourcePath",
        {"volumes": [{"name": "v", "host": {}}]},
    ),
    "docker volume": (
        {"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]},
        "do not support dockerVolumeConfiguration",
        {"volumes": VOLUMES},
    ),
    "ARM on Windows": (
        {"runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}},
        "No Fargate configuration exists",
        {"runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}},
    ),
    "privileged": (container(privileged=True), "'privileged' setting be 'false'", container(privileged=False)),
    "security options": (container(dockerSecurityOptions=["a"]), "dockerSecurityOptions", {}),
    "graphics": (container(resourceRequirements=[{"type": "GPU", "value": "1"}]), "do not support gpu", {}),
    "capability": (
        linux(capabilities={"add": ["NET_ADMIN"]}),
        "NET_ADMIN is not allowed on Fargate",
        linux(capabilities={"add": ["SYS_PTRACE"], "drop": ["ALL"]}),
    ),
    "devices": (linux(devices=[{"hostPath": "/dev/fuse"}]), "do not support devices", linux(initProcessEnabled=True)),
    "swap": (linux(maxSwap=1), "do not support maxSwap", linux(devices=[])),
    "shared memory": (
        linux(sharedMemorySize=1),
        "do not support sharedMemorySize",
        linux(tmpfs=[{"containerPath": "/t", "size": 1}]),
    ),
    "AWS's tags": ({"tags": [{"key": "aws:a", "value": "b"}]}, "aws:", {"tags": [{"key": "a", "value": "b"}]}),
    "doubled tags": (
        {"tags": [{"key": "a", "value": "b"}, {"key": "a", "value": "c"}]},
        "Duplicate tag keys",
        {"tags": [{"key": "a", "value": "b"}, {"key": "A", "value": "b"}]},
    ),
    "no tags": ({"tags": []}, "Tags can not be empty", {}),
}


@pytest.mark.parametrize(("change", "words", "neighbor"), CASES.values(), ids=CASES)
def test_a_wrong_definition_is_refused_and_its_neighbor_taken(
    ecs: Any, change: dict, words: str, neighbor: dict
) -> None:
    refused(ecs, "register_task_definition", definition(change), "ClientException", words)
    assert ecs.register_task_definition(**definition(neighbor))["taskDefinition"]["status"] == "ACTIVE"


@pytest.mark.parametrize(("cpu", "memory"), [("256", "2048"), ("1024", "8192"), ("4096", "30720"), ("16384", "122880")])
def test_sizes_that_there_are(ecs: Any, cpu: str, memory: str) -> None:
    assert ecs.register_task_definition(**definition({"cpu": cpu, "memory": memory}))
