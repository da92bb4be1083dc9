"""IAM shows AWS's own policies and the roles that services make for themselves."""

import pytest
from helpers.emulator import ACCOUNT, Emulator, make_role

from cloud.iam import answers

MANAGED = "arn:aws:iam::aws:policy/"
MONITORING = f"{MANAGED}service-role/AmazonRDSEnhancedMonitoringRole"


def test_the_document_of_a_managed_policy_can_be_read(aws: Emulator) -> None:
    iam = aws.client("iam")
    policy = iam.get_policy(PolicyArn=MONITORING)["Policy"]
    assert (policy["PolicyName"], policy["Path"]) == ("AmazonRDSEnhancedMonitoringRole", "/service-role/")
    version = iam.get_policy_version(PolicyArn=MONITORING, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert version["IsDefaultVersion"] is True
    actions = {action for each in version["Document"]["Statement"] for action in each["Action"]}
    assert {"logs:CreateLogGroup", "logs:PutLogEvents"} <= actions
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_policy(PolicyArn=f"{MANAGED}AmazonRDSEnhancedMonitoringRole")


def test_policies_are_listed_by_pages_and_by_use(aws: Emulator) -> None:
    iam = aws.client("iam")
    first = iam.list_policies(Scope="AWS")
    assert (len(first["Policies"]), first["IsTruncated"]) == (100, True)
    every = [each for page in iam.get_paginator("list_policies").paginate() for each in page["Policies"]]
    assert len(every) > 1000
    role = make_role(aws, "monitoring.rds.amazonaws.com").rsplit("/", 1)[-1]
    iam.attach_role_policy(RoleName=role, PolicyArn=MONITORING)
    attached = iam.list_policies(OnlyAttached=True, Scope="AWS")["Policies"]
    assert MONITORING in {each["Arn"] for each in attached}
    assert all(each["AttachmentCount"] for each in attached)


def test_a_service_makes_its_role_when_it_is_used(aws: Emulator) -> None:
    aws.client("ecs").create_cluster(clusterName="linked")
    iam, name = aws.client("iam"), "AWSServiceRoleForECS"
    role = iam.get_role(RoleName=name)["Role"]
    host = "ecs.amazonaws.com"
    assert role["RoleLastUsed"] == {}
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{host}/{name}"
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": host}
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["AmazonECSServiceRolePolicy"]


@pytest.mark.parametrize("policy", [policy for *_, policy in answers._SERVICE_LINKED.values()])
def test_the_policy_of_a_service_linked_role_is_there(aws: Emulator, policy: str) -> None:
    assert aws.client("iam").get_policy(PolicyArn=f"{MANAGED}aws-service-role/{policy}")["Policy"]
