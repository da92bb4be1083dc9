"""Every action that the program's roles are given is needed, and suffices for the call that it is given for.

The policies are those of the program's own test data, so that a statement that nobody needs, or one that the emulated
AWS would not ask for, is found here.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, Emulator, assume, running

PROGRAM = Path(__file__).parents[4] / "stacks" / "testdata" / "dev.json"
BUCKET, CLUSTER, FAMILY = f"asset-manager-dev-{ACCOUNT}-{REGION}", "fulcrum-cluster-dev", "asset-manager-dev-run"
REPOSITORY = "asset-manager"
TAGS = [{"key": "dagster/run_id", "value": "1"}]
MODULES = ("iam.secure_transport", "s3.conditions", "iam.authorization", "ecs.tagging", "ssm.parameters", "s3.kms")
# What dagster.yaml adds to RunTask: a run is known by the tags of its definition.
PROPAGATED = {"propagateTags": "TASK_DEFINITION", "enableECSManagedTags": True}


def resources(kind: str) -> list[dict]:
    """The program's resources of a type."""
    return [each for each in json.loads(PROGRAM.read_text()) if each["type"].endswith(f":{kind}")]


def document(resource: dict, member: str = "policy") -> dict:
    """A policy in a resource."""
    return resource["inputs"][member]["[json]"]


POLICIES = {each["name"]: document(each) for each in resources("RolePolicy")}
CASES = [
    (policy, number, action)
    for policy, found in POLICIES.items()
    for number, statement in enumerate(found["Statement"])
    for action in statement["Action"]
    # Those of the SSM agent are judged where a session is opened, and Lambda's of a network where a function is made:
    # tests/sessions, tests/functions.
    if not action.startswith(("ssmmessages:", "ec2:"))
]


class World:
    """What the policies are about."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.keys: dict[str, str] = {}
        self._storage()
        self._secrets()
        self._tasks()

    def _key(self, service: str) -> str:
        """A key in the place of the one that the program's policies use by way of a service."""
        via = f"{service}.{REGION}.amazonaws.com"
        statements = [s for p in POLICIES.values() for s in p["Statement"] if via in json.dumps(s.get("Condition"))]
        key = self.emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.keys[next(arn for statement in statements for arn in statement["Resource"])] = key
        return key

    def _storage(self) -> None:
        s3, key = self.emulator.client("s3"), self._key("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
        guard = next(each for each in resources("BucketPolicy") if each["name"] == "bucket-data-policy")
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(self.real(document(guard))))

    def _secrets(self) -> None:
        ssm, key = self.emulator.client("ssm"), self._key("ssm")
        arns = {arn for p in POLICIES.values() for s in p["Statement"] for arn in s["Resource"] if ":parameter/" in arn}
        for arn in arns:
            name = arn.split(":parameter")[1]
            ssm.put_parameter(Name=name, Type="SecureString", Value="secret", KeyId=key)

    def _tasks(self) -> None:
        iam, ecs = self.emulator.client("iam"), self.emulator.client("ecs")
        trusts = {
            r["inputs"]["name"]: document(r, "assumeRolePolicy")
            for r in resources("Role")
            if "assumeRolePolicy" in r["inputs"]
        }
        for name, trust in trusts.items():
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        ecs.create_cluster(clusterName=CLUSTER)
        for each in resources("TaskDefinition"):
            family, tags = each["inputs"]["family"], each["inputs"].get("tags", {})
            role = f"arn:aws:iam::{ACCOUNT}:role/{family}"
            ecs.register_task_definition(
                family=family,
                tags=[{"key": key, "value": value} for key, value in tags.items()],
                taskRoleArn=f"{role}-task",
                executionRoleArn=f"{role}-execution",
                containerDefinitions=[{"name": family, "image": "none"}],
            )
        for group in resources("LogGroup"):
            self.emulator.client("logs").create_log_group(logGroupName=group["inputs"]["name"])
        self.emulator.client("ecr").create_repository(repositoryName=REPOSITORY)

    def real(self, policy: dict) -> dict:
        """A policy with the keys that there are."""
        text = json.dumps(policy)
        for name, arn in self.keys.items():
            text = text.replace(name, arn)
        return json.loads(text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(Path(tmp_path_factory.mktemp("emulator")), *(f"cloud.{each}" for each in MODULES)) as emulator:
        yield World(emulator)


class Caller:
    """A role with a policy, and the call that each action is for."""

    def __init__(self, world: World, policy: dict, statement: dict) -> None:
        self.administrator = world.emulator.client
        self.policy, self.statement = policy, statement
        credentials = assume(world.emulator, *world.real(policy)["Statement"])
        self.client = lambda service: world.emulator.client(service, **credentials)

    def call(self, action: str) -> None:
        """Do what an action is given for."""
        CALLS[action](self)

    def target(self, action: str) -> str:
        """A new object below the prefix that a statement with the action allows; the statement at hand goes first."""
        for statement in (self.statement, *self.policy["Statement"]):
            if action in statement["Action"]:
                prefix = statement["Resource"][0].removeprefix(f"arn:aws:s3:::{BUCKET}/").rstrip("*")
                return prefix + secrets.token_hex(4)
        raise AssertionError(f"nothing allows {action}")

    @property
    def stream(self) -> dict[str, str]:
        """A new log stream in the statement's group."""
        group = self.statement["Resource"][0].split(":log-group:")[1].partition(":")[0]
        return {"logGroupName": group, "logStreamName": secrets.token_hex(4)}

    def existing_stream(self) -> dict[str, str]:
        """A log stream that is there."""
        stream = self.stream
        self.administrator("logs").create_log_stream(**stream)
        return stream

    def existing_object(self, action: str) -> dict[str, str]:
        """An object that is there."""
        found = {"Bucket": BUCKET, "Key": self.target(action)}
        self.administrator("s3").put_object(**found, Body=b"content")
        return found

    def existing_task(self) -> dict[str, str]:
        """A task that runs."""
        started = self.administrator("ecs").run_task(cluster=CLUSTER, taskDefinition=FAMILY, **PROPAGATED)
        return {"cluster": CLUSTER, "task": started["tasks"][0]["taskArn"]}


def _abort(caller: Caller) -> None:
    found = {"Bucket": BUCKET, "Key": caller.target("s3:AbortMultipartUpload")}
    upload = caller.administrator("s3").create_multipart_upload(**found)["UploadId"]
    caller.client("s3").abort_multipart_upload(**found, UploadId=upload)


def _list(caller: Caller) -> None:
    prefix = caller.statement["Condition"]["StringLike"]["s3:prefix"][1].rstrip("*")
    caller.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)


def _put(caller: Caller) -> None:
    caller.client("s3").put_object(Bucket=BUCKET, Key=caller.target("s3:PutObject"), Body=b"content")


def _get(caller: Caller) -> None:
    caller.client("s3").get_object(**caller.existing_object("s3:GetObject"))


def _decrypt(caller: Caller) -> None:
    via = caller.statement["Condition"]["StringEquals"]["kms:ViaService"]
    if via.startswith("ssm."):
        _read_parameters(caller)
    elif any("s3:GetObject" in statement["Action"] for statement in caller.policy["Statement"]):
        _get(caller)


def _read_parameters(caller: Caller) -> None:
    statements = (caller.statement, *caller.policy["Statement"])
    statement = next(each for each in statements if "ssm:GetParameters" in each["Action"])
    names = [arn.split(":parameter")[1] for arn in statement["Resource"]]
    found = caller.client("ssm").get_parameters(Names=names, WithDecryption=True)
    assert [each["Value"] for each in found["Parameters"]] == ["secret"] * len(names)


def _run(caller: Caller) -> None:
    statements = (caller.statement, *caller.policy["Statement"])
    statement = next(each for each in statements if "ecs:RunTask" in each["Action"])
    family = statement["Resource"][0].split("/")[1].partition(":")[0]
    started = caller.client("ecs").run_task(cluster=CLUSTER, taskDefinition=f"{family}:1", tags=TAGS, **PROPAGATED)
    assert started["tasks"]


def _describe(caller: Caller) -> None:
    task = caller.existing_task()
    assert caller.client("ecs").describe_tasks(cluster=task["cluster"], tasks=[task["task"]])["tasks"]


def _write(caller: Caller) -> None:
    event = {"timestamp": 1_700_000_000_000, "message": "line"}
    caller.client("logs").put_log_events(**caller.existing_stream(), logEvents=[event])


CALLS: dict[str, Callable[[Caller], Any]] = {
    "s3:GetObject": _get,
    "s3:PutObject": _put,
    "s3:DeleteObject": lambda caller: caller.client("s3").delete_object(**caller.existing_object("s3:DeleteObject")),
    "s3:AbortMultipartUpload": _abort,
    "s3:ListBucket": _list,
    "kms:Decrypt": _decrypt,
    "kms:GenerateDataKey": _put,
    "ssm:GetParameters": _read_parameters,
    "ecs:RunTask": _run,
    "ecs:TagResource": _run,
    "iam:PassRole": _run,
    "ecs:DescribeTasks": _describe,
    "ecs:StopTask": lambda caller: caller.client("ecs").stop_task(**caller.existing_task()),
    "ecs:DescribeTaskDefinition": lambda caller: caller.client("ecs").describe_task_definition(taskDefinition=FAMILY),
    "logs:GetLogEvents": lambda caller: caller.client("logs").get_log_events(**caller.existing_stream()),
    "logs:CreateLogStream": lambda caller: caller.client("logs").create_log_stream(**caller.stream),
    "logs:PutLogEvents": _write,
    "logs:DescribeLogGroups": lambda caller: caller.client("logs").describe_log_groups(
        logGroupNamePrefix=caller.stream["logGroupName"]
    ),
    "logs:DescribeLogStreams": lambda caller: caller.client("logs").describe_log_streams(
        logGroupName=caller.stream["logGroupName"]
    ),
    "ecr:GetAuthorizationToken": lambda caller: caller.client("ecr").get_authorization_token(),
    "ecr:BatchCheckLayerAvailability": lambda caller: caller.client("ecr").batch_check_layer_availability(
        repositoryName=REPOSITORY, layerDigests=["sha256:" + "0" * 64]
    ),
    "ecr:BatchGetImage": lambda caller: caller.client("ecr").batch_get_image(
        repositoryName=REPOSITORY, imageIds=[{"imageTag": "1.0.0"}]
    ),
    "ecr:GetDownloadUrlForLayer": lambda caller: caller.client("ecr").get_download_url_for_layer(
        repositoryName=REPOSITORY, layerDigest="sha256:" + "0" * 64
    ),
}


@pytest.mark.parametrize(("name", "number", "action"), CASES)
def test_an_action_suffices_and_is_needed(world: World, name: str, number: int, action: str) -> None:
    policy = POLICIES[name]
    Caller(world, policy, policy["Statement"][number]).call(action)

    without = deepcopy(policy)
    without["Statement"][number]["Action"].remove(action)
    if not without["Statement"][number]["Action"]:
        del without["Statement"][number]
    caller = Caller(world, without, policy["Statement"][number])
    with pytest.raises(ClientError, match="AccessDenied|not authorized"):
        caller.call(action)


PARTS = [
    (name, number, resource)
    for name, found in POLICIES.items()
    for number, statement in enumerate(found["Statement"])
    if statement["Action"] in (["iam:PassRole"], ["ssm:GetParameters"])
    for resource in statement["Resource"]
]


@pytest.mark.parametrize(("name", "number", "resource"), PARTS)
def test_each_role_and_each_parameter_is_needed(world: World, name: str, number: int, resource: str) -> None:
    policy, full = deepcopy(POLICIES[name]), POLICIES[name]["Statement"][number]
    policy["Statement"][number]["Resource"].remove(resource)
    with pytest.raises(ClientError, match="not authorized") as refused:
        Caller(world, policy, full).call(full["Action"][0])
    assert resource in str(refused.value)


@pytest.mark.parametrize("name", [name for name in POLICIES if "ecs:StopTask" in json.dumps(POLICIES[name])])
def test_nobody_stops_a_task_that_is_no_run(world: World, name: str) -> None:
    service = world.emulator.client("ecs").run_task(cluster=CLUSTER, taskDefinition=FAMILY)["tasks"][0]["taskArn"]
    credentials = assume(world.emulator, *world.real(POLICIES[name])["Statement"])
    with pytest.raises(ClientError, match="not authorized to perform: ecs:StopTask"):
        world.emulator.client("ecs", **credentials).stop_task(cluster=CLUSTER, task=service)
