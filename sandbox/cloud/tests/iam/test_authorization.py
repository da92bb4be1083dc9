"""Calls are judged by the resources, condition keys and dependent actions of AWS's service authorization reference."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, Emulator, allow, assume, make_role, running

CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/work"
RUNS = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/runs:*"
TASKS = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/work/*"
ON_CLUSTER = {"ArnEquals": {"ecs:cluster": CLUSTER}}
TO_TASKS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
TAGS = [{"key": "dagster/run_id", "value": "1"}]
PARAMETER = "/asset-manager/dev/SECRET"


class World:
    """An emulator with a cluster, two definitions and a parameter under a key."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.role = make_role(emulator, "ecs-tasks.amazonaws.com")
        ecs = emulator.client("ecs")
        ecs.create_cluster(clusterName="work")
        for family in ("runs", "other"):
            ecs.register_task_definition(
                family=family,
                taskRoleArn=self.role,
                executionRoleArn=self.role,
                containerDefinitions=[{"name": family, "image": "none"}],
            )
        self.key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
        emulator.client("ssm").put_parameter(Name=PARAMETER, Type="SecureString", Value="secret", KeyId=self.key)
        logs = emulator.client("logs")
        for group in ("runs", "other"):
            logs.create_log_group(logGroupName=f"asset-manager/{group}")
            logs.create_log_stream(logGroupName=f"asset-manager/{group}", logStreamName="run/a/1")

    def client(self, service: str, *statements: dict) -> Any:
        """A client with the given statements only."""
        return self.emulator.client(service, **assume(self.emulator, *statements))

    def pass_role(self) -> dict:
        """The permission to give the task's role to ECS."""
        return allow(["iam:PassRole"], [self.role], TO_TASKS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.iam.authorization") as emulator:
        yield World(emulator)


RUN = allow(["ecs:RunTask"], [RUNS], ON_CLUSTER)
TAG = allow(["ecs:TagResource"], [TASKS], {"StringEquals": {"ecs:CreateAction": "RunTask"}})


def test_a_run_takes_the_definition_the_tags_and_the_roles(world: World) -> None:
    ecs = world.client("ecs", RUN, TAG, world.pass_role())
    assert ecs.run_task(cluster="work", taskDefinition="runs", tags=TAGS)["tasks"]
    assert ecs.run_task(cluster=CLUSTER, taskDefinition=RUNS.replace("*", "1"), tags=TAGS)["tasks"]


@pytest.mark.parametrize(
    ("without", "action"), [("run", "ecs:RunTask"), ("tag", "ecs:TagResource"), ("pass", "iam:PassRole")]
)
def test_each_of_them_is_needed_and_named(world: World, without: str, action: str) -> None:
    statements = {"run": RUN, "tag": TAG, "pass": world.pass_role()}
    del statements[without]
    ecs = world.client("ecs", *statements.values())
    with pytest.raises(ClientError, match=action) as refused:
        ecs.run_task(cluster="work", taskDefinition="runs", tags=TAGS)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_untagged_runs_take_no_tagging(world: World) -> None:
    assert world.client("ecs", RUN, world.pass_role()).run_task(cluster="work", taskDefinition="runs")["tasks"]


def test_another_definition_another_cluster_another_role_are_refused(world: World) -> None:
    ecs = world.client("ecs", RUN, TAG, world.pass_role())
    other = make_role(world.emulator, "ecs-tasks.amazonaws.com")
    for arguments in (
        {"cluster": "work", "taskDefinition": "other"},
        {"cluster": "elsewhere", "taskDefinition": "runs"},
        {"cluster": "work", "taskDefinition": "runs", "overrides": {"taskRoleArn": other}},
    ):
        with pytest.raises(ClientError, match="not authorized"):
            ecs.run_task(**arguments)


def test_the_right_to_a_cluster_is_no_right_to_run(world: World) -> None:
    ecs = world.client("ecs", allow(["ecs:RunTask"], [CLUSTER]), TAG, world.pass_role())
    with pytest.raises(ClientError, match="ecs:RunTask"):
        ecs.run_task(cluster="work", taskDefinition="runs")


def test_tasks_are_described_and_stopped_on_their_cluster(world: World) -> None:
    task = world.emulator.client("ecs").run_task(cluster="work", taskDefinition="runs")["tasks"][0]["taskArn"]
    ecs = world.client("ecs", allow(["ecs:DescribeTasks", "ecs:StopTask"], [TASKS], ON_CLUSTER))
    assert ecs.describe_tasks(cluster="work", tasks=[task])["tasks"]
    assert ecs.describe_tasks(cluster="work", tasks=[task.rsplit("/", 1)[-1]])["tasks"]
    ecs.stop_task(cluster=CLUSTER, task=task)
    with pytest.raises(ClientError, match="ecs:DescribeTasks"):
        ecs.describe_tasks(cluster="elsewhere", tasks=[task.rsplit("/", 1)[-1]])


def test_a_task_is_stopped_by_its_tags(world: World) -> None:
    ecs = world.emulator.client("ecs")
    tagged = ecs.run_task(cluster="work", taskDefinition="runs", tags=[{"key": "Workload", "value": "runs"}])
    other = ecs.run_task(cluster="work", taskDefinition="runs", tags=[{"key": "Workload", "value": "web"}])
    bare = ecs.run_task(cluster="work", taskDefinition="runs")
    caller = world.client(
        "ecs", allow(["ecs:StopTask"], [TASKS], {"StringEquals": {"aws:ResourceTag/Workload": "runs"}})
    )
    for refused in (other, bare):
        with pytest.raises(ClientError, match="ecs:StopTask"):
            caller.stop_task(cluster="work", task=refused["tasks"][0]["taskArn"])
    assert caller.stop_task(cluster="work", task=tagged["tasks"][0]["taskArn"])["task"]


@pytest.mark.parametrize(("key", "value"), [("ecs:subnet", "subnet-1"), ("ecs:auto-assign-public-ip", "false")])
def test_a_run_has_no_key_for_its_network(world: World, key: str, value: str) -> None:
    """The keys are those of services: a condition on them refuses every run, and one that lets them be missing none."""
    network = {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}
    arguments = {
        "cluster": "work",
        "taskDefinition": "runs",
        "networkConfiguration": {"awsvpcConfiguration": network},
    }
    run = allow(["ecs:RunTask"], [RUNS], {"StringEquals": {key: value}})
    with pytest.raises(ClientError, match="ecs:RunTask"):
        world.client("ecs", run, world.pass_role()).run_task(**arguments)
    run = allow(["ecs:RunTask"], [RUNS], {"StringEqualsIfExists": {key: "another"}})
    assert world.client("ecs", run, world.pass_role()).run_task(**arguments)["tasks"]


def test_a_run_with_a_shell_can_be_refused(world: World) -> None:
    run = allow(["ecs:RunTask"], [RUNS], {"StringEquals": {"ecs:enable-execute-command": "false"}})
    ecs = world.client("ecs", run, world.pass_role())
    assert ecs.run_task(cluster="work", taskDefinition="runs")["tasks"]
    with pytest.raises(ClientError, match="ecs:RunTask"):
        ecs.run_task(cluster="work", taskDefinition="runs", enableExecuteCommand=True)


def test_definitions_are_described_by_a_wildcard_only(world: World) -> None:
    describe = ["ecs:DescribeTaskDefinition"]
    assert world.client("ecs", allow(describe, ["*"])).describe_task_definition(taskDefinition="runs")
    with pytest.raises(ClientError, match="ecs:DescribeTaskDefinition"):
        world.client("ecs", allow(describe, [RUNS])).describe_task_definition(taskDefinition="runs")


def test_registering_passes_the_roles(world: World) -> None:
    definition = {"family": "new", "taskRoleArn": world.role, "containerDefinitions": [{"name": "a", "image": "none"}]}
    register = allow(["ecs:RegisterTaskDefinition"], ["*"])
    world.client("ecs", register, world.pass_role()).register_task_definition(**definition)
    with pytest.raises(ClientError, match="iam:PassRole"):
        world.client("ecs", register).register_task_definition(**definition)


def _read(world: World, *conditions: dict) -> Any:
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PARAMETER}"
    key = [allow(["kms:Decrypt"], [world.key], condition) for condition in conditions]
    return world.client("ssm", allow(["ssm:GetParameters", "ssm:GetParameter"], [parameter]), *key)


def test_a_secret_takes_the_parameter_and_its_key(world: World) -> None:
    via = {"StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}}
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{PARAMETER}"
    bound = {"StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": arn}}
    for condition in (via, bound):
        found = _read(world, condition).get_parameters(Names=[PARAMETER], WithDecryption=True)["Parameters"]
        assert found[0]["Value"] == "secret"


def test_without_the_key_or_for_another_service_or_parameter_it_is_refused(world: World) -> None:
    wrong = (
        {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
        {"StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/other"}},
    )
    for conditions in ((), *((each,) for each in wrong)):
        with pytest.raises(ClientError, match="kms:Decrypt"):
            _read(world, *conditions).get_parameters(Names=[PARAMETER], WithDecryption=True)
    with pytest.raises(ClientError, match="ssm:GetParameters"):
        _read(world).get_parameters(Names=[PARAMETER, "/asset-manager/dev/OTHER"])


def test_a_log_stream_is_in_its_group(world: World) -> None:
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:asset-manager/runs:*"
    logs = world.client("logs", allow(["logs:GetLogEvents", "logs:FilterLogEvents"], [group]))
    named = group.removesuffix(":*")
    assert logs.get_log_events(logGroupName="asset-manager/runs", logStreamName="run/a/1")["events"] == []
    assert logs.get_log_events(logGroupIdentifier=named, logStreamName="run/a/1")["events"] == []
    assert logs.filter_log_events(logGroupName="asset-manager/runs")["events"] == []
    with pytest.raises(ClientError, match="logs:GetLogEvents"):
        logs.get_log_events(logGroupName="asset-manager/other", logStreamName="run/a/1")


def test_a_refusal_names_the_action_and_the_resource(world: World) -> None:
    location = {"LocationConstraint": REGION}
    world.emulator.client("s3").create_bucket(Bucket="data", CreateBucketConfiguration=location)
    cases = [
        (
            "s3",
            lambda client: client.get_object(Bucket="data", Key="a/b"),
            's3:GetObject on resource: "arn:aws:s3:::data/a/b"',
        ),
        ("s3", lambda client: client.list_objects_v2(Bucket="data"), 's3:ListBucket on resource: "arn:aws:s3:::data"'),
        (
            "sns",
            lambda client: client.create_topic(Name="t"),
            f"sns:CreateTopic on resource: arn:aws:sns:{REGION}:{ACCOUNT}:t",
        ),
        ("kms", lambda client: client.describe_key(KeyId=world.key), f"kms:DescribeKey on resource: {world.key}"),
    ]
    for service, call, named in cases:
        with pytest.raises(ClientError) as refused:
            call(world.client(service))
        message = refused.value.response["Error"]["Message"]
        assert f"is not authorized to perform: {named} because no identity-based policy allows the" in message


def test_a_call_by_an_alias_is_about_the_key(world: World) -> None:
    keys = world.emulator.client("kms")
    keys.create_alias(AliasName="alias/secrets", TargetKeyId=world.key)
    other = keys.create_key()["KeyMetadata"]["Arn"]
    allowed = world.client("kms", allow(["kms:Encrypt"], [world.key]))
    assert allowed.encrypt(KeyId="alias/secrets", Plaintext=b"x")["KeyId"] == world.key
    with pytest.raises(ClientError, match="kms:Encrypt"):
        world.client("kms", allow(["kms:Encrypt"], [other])).encrypt(KeyId="alias/secrets", Plaintext=b"x")
