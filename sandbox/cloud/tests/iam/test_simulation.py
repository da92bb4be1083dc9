"""IAM's simulator says what a role may do."""

import json

import pytest
from helpers.emulator import ACCOUNT, Emulator, allow, make_role

CLUSTER = f"arn:aws:ecs:us-west-1:{ACCOUNT}:cluster/c"
RUN = f"arn:aws:ecs:us-west-1:{ACCOUNT}:task-definition/run:1"
WHERE = {"ArnEquals": {"ecs:cluster": CLUSTER}}


@pytest.fixture(scope="module")
def role(aws: Emulator) -> str:
    return make_role(aws, "ecs-tasks.amazonaws.com", allow(["ecs:RunTask"], [RUN], WHERE), allow(["s3:*"], ["*"]))


def simulated(aws: Emulator, role: str, action: str, *resources: str, **context: str) -> list[str]:
    entries = [
        {"ContextKeyName": key.replace("_", ":"), "ContextKeyType": "string", "ContextKeyValues": [value]}
        for key, value in context.items()
    ]
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=[action], ResourceArns=resources, ContextEntries=entries
    )
    return [each["EvalDecision"] for each in answer["EvaluationResults"]]


def test_a_condition_is_judged_by_the_context_that_is_given(aws: Emulator, role: str) -> None:
    assert simulated(aws, role, "ecs:RunTask", RUN, ecs_cluster=CLUSTER) == ["allowed"]
    assert simulated(aws, role, "ecs:RunTask", RUN, ecs_cluster=f"{CLUSTER}2") == ["implicitDeny"]
    assert simulated(aws, role, "ecs:RunTask", RUN) == ["implicitDeny"]


def test_each_resource_is_judged(aws: Emulator, role: str) -> None:
    assert simulated(aws, role, "ecs:RunTask", RUN, RUN + "0", ecs_cluster=CLUSTER) == ["allowed", "implicitDeny"]


def test_a_boundary_takes_away(aws: Emulator) -> None:
    iam = aws.client("iam")
    document = {"Version": "2012-10-17", "Statement": [allow(["s3:GetObject"], ["*"])]}
    boundary = iam.create_policy(PolicyName="bounded", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    bounded = make_role(aws, "ecs-tasks.amazonaws.com", allow(["s3:*"], ["*"]))
    iam.put_role_permissions_boundary(RoleName=bounded.rsplit("/", 1)[-1], PermissionsBoundary=boundary)
    assert simulated(aws, bounded, "s3:GetObject", "*") == ["allowed"]
    assert simulated(aws, bounded, "s3:PutObject", "*") == ["implicitDeny"]


def test_a_role_that_is_gone_is_told(aws: Emulator, role: str) -> None:
    iam = aws.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        simulated(aws, f"{role}-gone", "s3:GetObject", "*")
