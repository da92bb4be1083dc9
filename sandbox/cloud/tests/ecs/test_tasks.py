"""Tasks run as their definitions say, in real containers."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from helpers.emulator import ACCOUNT, REGION, SECOND_REGION
from helpers.sandbox import IMAGE, Sandbox, running, until

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


def shell(script: str, **more: object) -> dict:
    """A container that runs a script."""
    return {"entryPoint": ["sh", "-c"], "command": [script], **more}


def test_user_root_directory_and_capabilities(sandbox: Sandbox) -> None:
    script = "id -u; id -g; pwd; touch /x || echo refused; grep CapEff /proc/self/status; cat /proc/1/comm; df /scratch"
    definition = sandbox.define(
        shell(
            script,
            user="10001:10002",
            readonlyRootFilesystem=True,
            workingDirectory="/usr",
            linuxParameters={
                "capabilities": {"drop": ["ALL"]},
                "initProcessEnabled": True,
                "tmpfs": [{"containerPath": "/scratch", "size": 16}],
            },
        )
    )
    task = sandbox.run(definition)
    assert sandbox.ended(task)["containers"][0]["exitCode"] == 0
    lines = until("the output", lambda: len(o := sandbox.output(task)) >= 8 and o)
    assert lines[:3] == ["10001", "10002", "/usr"]
    assert "refused" in lines
    assert any(line.split() == ["CapEff:", "0000000000000000"] for line in lines)
    assert {"podman-init", "docker-init", "catatonit"} & set(lines)
    assert any("16384" in line for line in lines)


def test_lines_of_the_two_streams_stay_apart(sandbox: Sandbox) -> None:
    task = sandbox.run(sandbox.define(shell("printf 'an ' >&2; echo whole; echo 'error' >&2; printf unfinished")))
    sandbox.ended(task)
    assert sorted(sandbox.output(task)) == ["an error", "unfinished", "whole"]


def test_a_volume_is_shared_in_the_order_of_dependencies_and_goes_with_the_task(sandbox: Sandbox) -> None:
    mount = {"sourceVolume": "home", "containerPath": "/home/shared"}
    definition = sandbox.define(
        shell(
            "cat /home/shared/file; touch /home/shared/x 2>/dev/null || echo read-only",
            mountPoints=[{**mount, "readOnly": True}],
            dependsOn=[{"containerName": "first", "condition": "SUCCESS"}],
        ),
        shell("sleep 1; echo from the first > /home/shared/file", name="first", essential=False, mountPoints=[mount]),
        volumes=[{"name": "home"}],
    )
    task = sandbox.run(definition)
    assert re.fullmatch(rf"arn:aws:ecs:{REGION}:{ACCOUNT}:task/work/[0-9a-f]{{32}}", task)
    ended = sandbox.ended(task)
    assert ended["stopCode"] == "EssentialContainerExited"
    assert "containerInstanceArn" not in ended
    assert "from the first" in sandbox.output(task)
    assert "read-only" in sandbox.output(task)
    sandbox.gone()


@pytest.fixture
def declaring(sandbox: Sandbox) -> Iterator[str]:
    """An image that declares a volume owned by a user."""
    made = sandbox.engine.containers.run(
        IMAGE, ["sh", "-c", "mkdir -p /home/own && chown 10001:10001 /home/own"], labels=sandbox.labels, detach=True
    )
    made.wait()
    name = f"localhost/{sandbox.name}"
    made.commit(name, "declaring", changes="VOLUME /home/own")
    made.remove()
    yield f"{name}:declaring"
    sandbox.engine.images.remove(f"{name}:declaring", force=True)


def test_only_a_declared_volume_belongs_to_the_user(sandbox: Sandbox, declaring: str) -> None:
    mounts = [
        {"sourceVolume": "own", "containerPath": "/home/own"},
        {"sourceVolume": "other", "containerPath": "/home/other"},
    ]
    script = "stat -c '%u %a' /home/own /home/other; touch /home/own/x && echo written; touch /home/other/x || echo not"
    task = sandbox.run(
        sandbox.define(
            shell(script, image=declaring, user="10001:10001", mountPoints=mounts),
            volumes=[{"name": "own"}, {"name": "other"}],
        )
    )
    sandbox.ended(task)
    lines = sandbox.output(task)
    assert lines[:2] == ["10001 755", "0 755"]
    assert "written" in lines and "not" in lines
    sandbox.gone()


def test_a_task_that_is_stopped_while_it_starts_leaves_nothing(sandbox: Sandbox) -> None:
    definition = sandbox.define(shell("sleep 600", stopTimeout=2))
    for containers in (0, 0, 1, 1, 2):  # how far the start is: none, the network, the container

        def far(task: str = sandbox.run(definition), wanted: int = containers) -> str | None:
            label = {"label": f"dagster.sandbox.task={task.rsplit('/', 1)[-1]}"}
            found = sandbox.engine.containers.list(all=True, sparse=True, filters=label)
            return task if len(found) >= wanted else None

        sandbox.client("ecs").stop_task(cluster="work", task=until("the start", far))
    sandbox.gone()


def test_a_failed_dependency_ends_the_start(sandbox: Sandbox) -> None:
    definition = sandbox.define(
        shell("echo never", dependsOn=[{"containerName": "first", "condition": "SUCCESS"}]),
        shell("exit 3", name="first", essential=False),
    )
    ended = sandbox.ended(sandbox.run(definition))
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"] == "Task failed to start"
    containers = {each["name"]: each for each in ended["containers"]}
    assert (containers["first"]["exitCode"], containers["main"]["exitCode"]) == (3, 143)
    assert "first (STOPPED->RUNNING - Exit: 3)" in containers["main"]["reason"]


def test_a_container_that_exits_with_1_is_not_one_that_could_not_start(sandbox: Sandbox) -> None:
    aside = shell("trap 'exit 4' TERM; while true; do sleep 0.1; done", name="aside", essential=False)
    ended = sandbox.ended(sandbox.run(sandbox.define(aside, shell("sleep 1; exit 1"))))
    assert (ended["stoppedReason"], ended["stopCode"]) == (
        "Essential container in task exited",
        "EssentialContainerExited",
    )
    assert {each["name"]: each["exitCode"] for each in ended["containers"]} == {"main": 1, "aside": 4}
    refused = sandbox.ended(sandbox.run(sandbox.define({"entryPoint": ["/nowhere"]})))
    assert refused["stopCode"] == "TaskFailedToStart"
    assert refused["stoppedReason"].startswith("CannotStartContainerError")
    assert refused["containers"][0]["reason"] == refused["stoppedReason"]


def test_containers_share_localhost_and_the_task_has_its_own_role(sandbox: Sandbox) -> None:
    role = sandbox.role({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    asks = (
        "import botocore.session as s; c = s.get_session().create_client;"
        "print(c('sts').get_caller_identity()['Arn']);"
        "print(len(c('s3').list_buckets()['Buckets']));"
        "print(__import__('urllib.request').request.urlopen('http://127.0.0.1:8000').status);"
        "c('iam').list_users()"
    )
    serve = shell("cd /usr; exec python -m http.server 8000", name="server", essential=False)
    region = [{"name": "AWS_DEFAULT_REGION", "value": REGION}]
    task = sandbox.run(
        sandbox.define(
            {
                "command": ["sh", "-c", f'sleep 2; python -c "{asks}"'],
                "environment": region,
                "dependsOn": [{"containerName": "server", "condition": "START"}],
            },
            serve,
            taskRoleArn=role,
            memory="1024",
        )
    )
    assert sandbox.ended(task)["containers"][-1]["exitCode"] == 1
    lines = until("the denial", lambda: "AccessDenied" in "".join(o := sandbox.output(task)) and o)
    name = role.rsplit("/", 1)[-1]
    assert lines[0] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{task.rsplit('/', 1)[-1]}"
    assert lines[1:3] == ["0", "200"]


def test_overrides_are_honored_and_shown(sandbox: Sandbox) -> None:
    definition = sandbox.define(shell("echo never"))
    overrides = {
        "cpu": "512",
        "memory": "1024",
        "containerOverrides": [
            {
                "name": "main",
                "command": [
                    "echo $WORD; cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max"
                ],
                "environment": [{"name": "WORD", "value": "changed"}],
            }
        ],
    }
    task = sandbox.run(definition, overrides=overrides, tags=[{"key": "a", "value": "b"}])
    ended = sandbox.ended(task)
    assert (ended["cpu"], ended["memory"]) == ("512", "1024")
    assert ended["overrides"]["containerOverrides"][0]["environment"] == [{"name": "WORD", "value": "changed"}]
    assert until("the output", lambda: sandbox.output(task))[:2] == ["changed", str(1024 * 1024 * 1024)]


def test_a_secret_arrives_decrypted_if_the_execution_role_may_read_it(sandbox: Sandbox) -> None:
    key = sandbox.client("kms").create_key()["KeyMetadata"]["Arn"]
    sandbox.client("ssm").put_parameter(Name="/app/SECRET", Type="SecureString", Value="the word", KeyId=key)
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/app/SECRET"
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    read = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": arn}
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    container = shell("echo $SECRET", secrets=[{"name": "SECRET", "valueFrom": arn}])
    task = sandbox.run(sandbox.define(container, executionRoleArn=sandbox.role(logs, read, decrypt)))
    sandbox.ended(task)
    assert until("the output", lambda: sandbox.output(task)) == ["the word"]
    for missing, statements in (("ssm:GetParameters", [logs, decrypt]), ("kms:Decrypt", [logs, read])):
        refused = sandbox.ended(sandbox.run(sandbox.define(container, executionRoleArn=sandbox.role(*statements))))
        assert refused["stopCode"] == "TaskFailedToStart"
        assert refused["stoppedReason"].startswith("ResourceInitializationError")
        assert missing in refused["stoppedReason"]


def test_logs_take_the_execution_role(sandbox: Sandbox) -> None:
    refused = sandbox.ended(sandbox.run(sandbox.define(shell("echo x"), executionRoleArn=sandbox.role())))
    assert refused["stopCode"] == "TaskFailedToStart"
    assert "logs:CreateLogStream" in refused["stoppedReason"]


@pytest.mark.parametrize("change", [{"awslogs-group": "absent"}, {"awslogs-region": SECOND_REGION}])
def test_a_container_does_not_start_without_its_log_group(sandbox: Sandbox, change: dict) -> None:
    options = {"awslogs-group": "tasks", "awslogs-region": REGION, "awslogs-stream-prefix": "t", **change}
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    container = shell("echo x", logConfiguration={"logDriver": "awslogs", "options": options})
    ended = sandbox.ended(sandbox.run(sandbox.define(container, executionRoleArn=sandbox.role(logs))))
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"].startswith("ResourceInitializationError: failed to validate logger args: ")
    assert "The specified log group does not exist" in ended["stoppedReason"]
    assert "exitCode" not in ended["containers"][0]


def test_a_log_group_is_created_on_request_in_the_region_that_is_named(sandbox: Sandbox) -> None:
    options = {
        "awslogs-group": "made",
        "awslogs-region": SECOND_REGION,
        "awslogs-stream-prefix": "t",
        "awslogs-create-group": "true",
    }
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    container = shell("echo from afar", logConfiguration={"logDriver": "awslogs", "options": options})
    task = sandbox.run(sandbox.define(container, executionRoleArn=sandbox.role(logs)))
    sandbox.ended(task)
    abroad = sandbox.client("logs", SECOND_REGION)
    stream = f"t/main/{task.rsplit('/', 1)[-1]}"
    events = abroad.get_log_events(logGroupName="made", logStreamName=stream, startFromHead=True)["events"]
    assert [event["message"] for event in events] == ["from afar"]


def test_an_essential_container_that_ends_while_another_starts_ends_the_task(sandbox: Sandbox) -> None:
    after = shell("sleep 600", name="after", dependsOn=[{"containerName": "main", "condition": "START"}])
    ended = sandbox.ended(sandbox.run(sandbox.define(shell("exit 1"), after)))
    told = ended["stopCode"], ended["stoppedReason"]
    assert told == ("EssentialContainerExited", "Essential container in task exited")
    assert {each["name"]: each.get("exitCode") for each in ended["containers"]}["main"] == 1


def test_an_image_that_cannot_be_pulled_shows_as_on_aws(sandbox: Sandbox) -> None:
    missing = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/missing:1"
    refused = sandbox.ended(sandbox.run(sandbox.define(shell("echo x", image=missing))))
    assert refused["stopCode"] == "TaskFailedToStart"
    assert refused["stoppedReason"].startswith("CannotPullContainerError")


def test_stopping_sends_sigterm_and_shows_the_end_when_it_has_come(sandbox: Sandbox) -> None:
    script = "trap 'echo asked; sleep 2; exit 7' TERM; echo up; while true; do sleep 0.1; done"
    task = sandbox.run(sandbox.define(shell(script, stopTimeout=20)))
    until("the script", lambda: sandbox.describe(task)["lastStatus"] == "RUNNING" and "up" in sandbox.output(task))
    stopped = sandbox.client("ecs").stop_task(cluster="work", task=task, reason="enough")["task"]
    assert stopped["desiredStatus"] == "STOPPED" and stopped["lastStatus"] != "STOPPED"
    ended = sandbox.ended(task)
    assert (ended["stoppedReason"], ended["stopCode"]) == ("enough", "UserInitiated")
    assert ended["containers"][0]["exitCode"] == 7
    assert "asked" in sandbox.output(task)


def test_a_killed_container_ends_its_task_with_the_exit_code(sandbox: Sandbox) -> None:
    task = sandbox.run(sandbox.define(shell("exec sleep 600")))
    until("the container", lambda: sandbox.describe(task)["lastStatus"] == "RUNNING")
    sandbox.container_of(task).kill()
    ended = sandbox.ended(task)
    assert ended["containers"][0]["exitCode"] == 137
    assert ended["stopCode"] == "EssentialContainerExited"


def test_a_spot_task_is_taken_back_on_request(sandbox: Sandbox) -> None:
    def taken(task: str) -> int:
        path = f"/_sandbox/spot-interruption?task={task.rsplit('/', 1)[-1]}"
        connection = HTTPConnection(sandbox.address, 4566)
        connection.request("POST", path)
        return connection.getresponse().status

    script = "trap 'echo noticed; exit 0' TERM; echo up; while true; do sleep 0.1; done"
    tasks = [
        sandbox.run(
            sandbox.define(shell(script, stopTimeout=20)),
            capacityProviderStrategy=[{"capacityProvider": provider, "weight": 1}],
        )
        for provider in ("FARGATE_SPOT", "FARGATE")
    ]
    for task in tasks:
        until("the start", lambda task=task: sandbox.describe(task)["lastStatus"] == "RUNNING")
        until("the script", lambda task=task: "up" in sandbox.output(task))
    assert [taken(task) for task in (*tasks, "none")] == [200, 409, 404]
    ended = sandbox.ended(tasks[0])
    assert (ended["stopCode"], ended["stoppedReason"]) == ("SpotInterruption", "Your Spot Task was interrupted.")
    assert "noticed" in sandbox.output(tasks[0])
    assert sandbox.describe(tasks[1])["lastStatus"] == "RUNNING"
    sandbox.client("ecs").stop_task(cluster="work", task=tasks[1])
    sandbox.ended(tasks[1])


def test_health_is_shown_and_waited_for(sandbox: Sandbox) -> None:
    check = {"command": ["CMD-SHELL", "test -e /run/healthy"], "interval": 5, "retries": 1, "startPeriod": 10}
    task = sandbox.run(
        sandbox.define(
            shell(
                "echo after",
                name="after",
                essential=False,
                dependsOn=[{"containerName": "main", "condition": "HEALTHY"}],
            ),
            shell("sleep 2; touch /run/healthy; sleep 8; rm /run/healthy; sleep 600", healthCheck=check),
        )
    )
    until("health", lambda: sandbox.describe(task)["healthStatus"] == "HEALTHY")
    until("what waited for it", lambda: sandbox.describe(task)["lastStatus"] == "RUNNING")
    ended = sandbox.ended(task)
    assert "health" in ended["stoppedReason"]
    assert sandbox.output(task, "after") == ["after"]


def test_a_task_is_shown_in_the_zone_of_its_subnet(sandbox: Sandbox) -> None:
    second = sandbox.vpc.subnets[1]
    made = sandbox.client("ec2").describe_subnets(SubnetIds=[second])["Subnets"][0]
    network = {"awsvpcConfiguration": {"subnets": [second]}}
    ended = sandbox.ended(sandbox.run(sandbox.define(shell("true")), networkConfiguration=network))
    assert ended["availabilityZone"] == made["AvailabilityZone"] != f"{REGION}a"
