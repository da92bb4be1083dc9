"""What Fargate lacks: ECS asks for it when FARGATE is among the compatibilities that a definition requires."""

from typing import Any

from cloud.ecs.rules.definitions import containers, whole
from cloud.ecs.rules.refuse import client
from cloud.requests.rules import Call, rule

_GB = 1024
_MEMORY = {
    256: (512, 1 * _GB, 2 * _GB),
    512: range(1 * _GB, 4 * _GB + 1, _GB),
    1024: range(2 * _GB, 8 * _GB + 1, _GB),
    2048: range(4 * _GB, 16 * _GB + 1, _GB),
    4096: range(8 * _GB, 30 * _GB + 1, _GB),
    8192: range(16 * _GB, 60 * _GB + 1, 4 * _GB),
    16384: range(32 * _GB, 120 * _GB + 1, 8 * _GB),
    32768: (60 * _GB, 120 * _GB, 244 * _GB),
}
_UNSUPPORTED = "Fargate compatible task definitions do not support "
_LOG_DRIVERS = ("awslogs", "splunk", "awsfirelens")


def size(cpu: int, memory: int) -> str | None:
    """Why there is no task of this size."""
    if memory in _MEMORY.get(cpu, ()):
        return None
    return (
        f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
        "See the Amazon ECS documentation for the valid values."
    )


def storage(task: dict[str, Any]) -> str | None:
    """Why a task cannot have this much storage.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html
    """
    size_in_gib = (task.get("ephemeralStorage") or {}).get("sizeInGiB", 21)
    for right, words in ((size_in_gib >= 21, "at least 21"), (size_in_gib <= 200, "at most 200")):
        if not right:
            return f"EphemeralStorage size should be {words}"
    return None


def wanted(call: Call) -> bool:
    """Whether the definition has to run on Fargate."""
    return "FARGATE" in (call.parameters.get("requiresCompatibilities") or [])


@rule("ecs", "RegisterTaskDefinition")
def _task(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""
    given = call.parameters
    if not wanted(call):
        client("ephemeralStorage" not in given, "Ephemeral storage is only supported for Fargate tasks.")
        return
    client(given.get("networkMode") == "awsvpc", "Fargate only supports network mode ‘awsvpc’.")
    for which in ("cpu", "memory"):
        client(given.get(which), f"Fargate requires that '{which}' be defined at the task level.")
    refused = size(whole(given, "cpu"), whole(given, "memory"))
    client(not refused, str(refused))
    client(not given.get("ipcMode"), "Tasks using the Fargate launch type do not support ipcMode.")
    client(given.get("pidMode") != "host", "Tasks using the Fargate launch type do not support pidMode 'host'.")
    client(not given.get("placementConstraints"), f"{_UNSUPPORTED}constraints")
    client(not (refused := storage(given)), str(refused))
    for volume in given.get("volumes") or []:
        client(not (volume.get("host") or {}).get("sourcePath"), f"{_UNSUPPORTED}sourcePath")
        client(not volume.get("dockerVolumeConfiguration"), f"{_UNSUPPORTED}dockerVolumeConfiguration")
    platform = given.get("runtimePlatform") or {}
    arm = platform.get("cpuArchitecture") == "ARM64"
    on_windows = str(platform.get("operatingSystemFamily")).startswith("WINDOWS")
    client(not (arm and on_windows), "No Fargate configuration exists for given values.")


@rule("ecs", "RegisterTaskDefinition")
def _containers(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""
    for container in containers(call) if wanted(call) else []:
        client(not container.get("privileged"), "Fargate requires that the 'privileged' setting be 'false'.")
        client(not container.get("dockerSecurityOptions"), f"{_UNSUPPORTED}dockerSecurityOptions")
        gpu = any(each["type"] == "GPU" for each in container.get("resourceRequirements") or [])
        client(not gpu, f"{_UNSUPPORTED}gpu")
        words = "Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds."
        client((container.get("stopTimeout") or 0) <= 120, words)
        _linux(container.get("linuxParameters") or {})
        _logs(call, container.get("logConfiguration") or {})


def _linux(given: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""
    for member in ("devices", "sharedMemorySize", "maxSwap", "swappiness"):
        client(not given.get(member), f"{_UNSUPPORTED}{member}")
    for capability in (given.get("capabilities") or {}).get("add") or []:
        client(capability == "SYS_PTRACE", f"{capability} is not allowed on Fargate.")


def _logs(call: Call, log: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
    driver, options = log.get("logDriver"), log.get("options") or {}
    words = f"{driver} is not a valid log driver. Must be one of [{', '.join(_LOG_DRIVERS)}]"
    client(not driver or driver in _LOG_DRIVERS, words)
    if driver != "awslogs":
        return
    for there, needed in (
        (call.parameters.get("executionRoleArn"), "task definition to have execution role ARN"),
        (options.get("awslogs-stream-prefix"), "log configuration options to include awslogs-stream-prefix"),
    ):
        client(there, f"Fargate requires {needed} to support log driver awslogs.")
