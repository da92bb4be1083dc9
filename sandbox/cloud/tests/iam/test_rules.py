"""IAM refuses documents, sizes and names as on AWS."""

import json
import secrets
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, Emulator, allow, assume, make_role
from helpers.refusals import client, refused

MALFORMED = "MalformedPolicyDocument"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}


def document(*statements: Any, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def without(statement: dict, *elements: str) -> dict:
    return {name: value for name, value in statement.items() if name not in elements}


IDENTITY = {
    "no JSON": ("{", "This policy contains invalid Json"),
    "a space before": (" " + document(ALLOW), "JSON strings must not have leading spaces"),
    "no statement": (document(), "Syntax errors in policy."),
    "an unknown element": (document(ALLOW | {"Actions": "s3:*"}), "Syntax errors in policy."),
    "an unknown version": (document(ALLOW, version="2012-10-18"), "Syntax errors in policy."),
    "another effect": (document(ALLOW | {"Effect": "Permit"}), "Syntax errors in policy."),
    "an unknown operator": (document(ALLOW | {"Condition": {"StringIs": {"a:b": "c"}}}), "Syntax errors in policy."),
    "a key without service": (document(ALLOW | {"Condition": {"Bool": {"a": "true"}}}), "must be prefaced by a vendor"),
    "a Sid with a space": (document(ALLOW | {"Sid": "a b"}), "Statement IDs (SID) must be alpha-numeric."),
    "a Sid twice": (document(*[ALLOW | {"Sid": "a"}] * 2), "Statement IDs (SID) in a single policy must be unique."),
    "no action": (document(without(ALLOW, "Action")), "Policy statement must contain actions."),
    "an action without service": (document(ALLOW | {"Action": "GetObject"}), "must be prefaced by a vendor"),
    "an action of two colons": (document(ALLOW | {"Action": "s3:Get:Object"}), "can contain only one colon."),
    "a wildcard for the service": (document(ALLOW | {"Action": "s*:GetObject"}), "Vendor s* is not valid"),
    "no resource": (document(without(ALLOW, "Resource")), "Policy statement must contain resources."),
    "no ARN": (document(ALLOW | {"Resource": "bucket/*"}), 'Resource bucket/* must be in ARN format or "*".'),
    "an ARN of no partition": (document(ALLOW | {"Resource": "arn:s3:::b"}), 'Partition "s3" is not valid'),
    "a region in S3's ARN": (document(ALLOW | {"Resource": "arn:aws:s3:us-west-1::b"}), "can not contain region"),
    "a principal": (document(ALLOW | {"Principal": "*"}), "Policy document should not specify a principal."),
}
TRUST = {
    "no JSON": ("{", "This policy contains invalid Json"),
    "an empty principal": (document(ASSUME | {"Principal": {}}), "Missing required field Principal cannot be empty!"),
    "no principal": (document(without(ASSUME, "Principal")), "Missing required field Principal"),
    "a resource": (document(ASSUME | {"Resource": "*"}), "Has prohibited field Resource"),
    "another action": (document(ASSUME | {"Action": "ecs:RunTask"}), "may only specify STS AssumeRole actions."),
    "a role that is not there": (
        document(ASSUME | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"}}),
        f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/none"',
    ),
    "a name for an account": (document(ASSUME | {"Principal": {"AWS": "me"}}), '"AWS":"me"'),
    "a service's short name": (document(ASSUME | {"Principal": {"Service": "ecs-tasks"}}), '"SERVICE":"ecs-tasks"'),
    "an unknown kind": (document(ASSUME | {"Principal": {"Role": "a"}}), "Invalid principal in policy"),
}
TAKEN_AS_IDENTITY = {
    "numbers": document(ALLOW | {"Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}, "Bool": {"a:b": False}}}),
    "an older version": document(ALLOW, version="2008-10-17"),
    "an unknown action": document(ALLOW | {"Action": ["s3:GetObjects", "new-service:Get*"]}),
    "one statement": json.dumps({"Version": "2012-10-17", "Statement": ALLOW}),
    "all of IAM": document(ALLOW | {"Action": "iam:*", "Resource": "arn:aws:iam::*:*"}),
    "everything but": document({"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b/*"}),
}
TAKEN_AS_TRUST = {
    "another account": document(ASSUME | {"Principal": {"AWS": ["444455556666", "arn:aws:iam::444455556666:role/r"]}}),
    "the own account": document(ASSUME | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
    "an older version": document(ASSUME, version="2008-10-17"),
    "tags": document(ASSUME | {"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}),
    "a federation": document(
        ASSUME | {"Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "accounts.google.com"}}
    ),
    "a service of another name": document(ASSUME | {"Principal": {"Service": "monitoring.rds.amazonaws.com"}}),
}


@pytest.fixture(scope="module")
def role(aws: Emulator) -> str:
    return make_role(aws, "ecs-tasks.amazonaws.com").rsplit("/", 1)[-1]


@pytest.mark.parametrize(("text", "words"), IDENTITY.values(), ids=IDENTITY)
def test_a_malformed_identity_policy_is_refused(aws: Emulator, role: str, text: str, words: str) -> None:
    put = {"RoleName": role, "PolicyName": "p", "PolicyDocument": text}
    refused(client(aws, "iam"), "put_role_policy", put, MALFORMED, words)
    refused(client(aws, "iam"), "create_policy", {"PolicyName": "p", "PolicyDocument": text}, MALFORMED, words)


@pytest.mark.parametrize(("text", "words"), TRUST.values(), ids=TRUST)
def test_a_malformed_trust_policy_is_refused(aws: Emulator, role: str, text: str, words: str) -> None:
    made = {"RoleName": "unmade", "AssumeRolePolicyDocument": text}
    refused(client(aws, "iam"), "create_role", made, MALFORMED, words)
    changed = {"RoleName": role, "PolicyDocument": text}
    refused(client(aws, "iam"), "update_assume_role_policy", changed, MALFORMED, words)


@pytest.mark.parametrize("text", TAKEN_AS_IDENTITY.values(), ids=TAKEN_AS_IDENTITY)
def test_an_unusual_identity_policy_is_taken(aws: Emulator, role: str, text: str) -> None:
    client(aws, "iam").put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=text)


@pytest.mark.parametrize("text", TAKEN_AS_TRUST.values(), ids=TAKEN_AS_TRUST)
def test_an_unusual_trust_policy_is_taken(aws: Emulator, role: str, text: str) -> None:
    client(aws, "iam").update_assume_role_policy(RoleName=role, PolicyDocument=text)


def test_a_role_of_the_account_is_a_principal(aws: Emulator, role: str) -> None:
    other = make_role(aws, "ecs-tasks.amazonaws.com")
    text = document(ASSUME | {"Principal": {"AWS": other}})
    client(aws, "iam").update_assume_role_policy(RoleName=role, PolicyDocument=text)


def test_a_managed_policy_has_the_current_version(aws: Emulator) -> None:
    request = {"PolicyName": "old", "PolicyDocument": document(ALLOW, version="2008-10-17")}
    refused(client(aws, "iam"), "create_policy", request, MALFORMED, "must be version 2012-10-17 or greater.")


def sized(statement: dict, size: int) -> str:
    """A policy of so many characters without white space."""
    key = "Resource" if "Resource" in statement else "Condition"

    def filled(length: int) -> str:
        fill = "a" * length
        value = f"arn:aws:s3:::b/{fill}" if key == "Resource" else {"StringEquals": {"aws:PrincipalTag/a": fill}}
        return document(statement | {key: value})

    return filled(size - len("".join(filled(0).split())))


def test_inline_policies_of_a_role_share_their_size(aws: Emulator, role: str) -> None:
    iam = client(aws, "iam")
    put = {"RoleName": role, "PolicyName": "p", "PolicyDocument": sized(ALLOW, 10241)}
    words = f"Maximum policy size of 10240 bytes exceeded for role {role}"
    refused(iam, "put_role_policy", put, "LimitExceeded", words)
    iam.put_role_policy(**put | {"PolicyDocument": sized(ALLOW, 10240)})
    refused(
        iam, "put_role_policy", put | {"PolicyName": "q", "PolicyDocument": document(ALLOW)}, "LimitExceeded", words
    )


def test_sizes_of_managed_and_trust_policies_are_limited(aws: Emulator, role: str) -> None:
    iam, name = client(aws, "iam"), f"p-{secrets.token_hex(4)}"
    request = {"PolicyName": name, "PolicyDocument": sized(ALLOW, 6145)}
    refused(iam, "create_policy", request, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    iam.create_policy(PolicyName=name, PolicyDocument=sized(ALLOW, 6144))
    request = {"RoleName": role, "PolicyDocument": sized(ASSUME, 2049)}
    refused(iam, "update_assume_role_policy", request, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=sized(ASSUME, 2048))


@pytest.mark.parametrize(
    ("arn", "code", "words"),
    [
        (f"arn:aws:iam::{ACCOUNT}:policy/none", "NoSuchEntity", "does not exist or is not attachable."),
        ("arn:aws:iam::aws:policy/NoSuchAccess", "NoSuchEntity", "does not exist or is not attachable."),
        ("arn:aws:s3:::bucket/policy", "InvalidInput", "ARN arn:aws:s3:::bucket/policy is not valid."),
        ("AmazonRDSEnhancedMonitoringRole", "ValidationError", "Invalid ARN:  Could not be parsed!"),
    ],
)
def test_only_a_policy_that_exists_is_attached(aws: Emulator, role: str, arn: str, code: str, words: str) -> None:
    refused(client(aws, "iam"), "attach_role_policy", {"RoleName": role, "PolicyArn": arn}, code, words)


def test_ten_managed_policies_are_attached_and_no_more(aws: Emulator) -> None:
    iam = client(aws, "iam")
    role = make_role(aws, "ecs-tasks.amazonaws.com").rsplit("/", 1)[-1]
    arns = [
        iam.create_policy(PolicyName=f"p-{secrets.token_hex(4)}", PolicyDocument=document(ALLOW))["Policy"]["Arn"]
        for _ in range(11)
    ]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.attach_role_policy(RoleName=role, PolicyArn=arns[0])
    words = "Cannot exceed quota for PoliciesPerRole: 10"
    refused(iam, "attach_role_policy", {"RoleName": role, "PolicyArn": arns[10]}, "LimitExceeded", words)


def test_a_policy_with_several_versions_is_not_deleted(aws: Emulator) -> None:
    iam = client(aws, "iam")
    made = iam.create_policy(PolicyName=f"p-{secrets.token_hex(4)}", PolicyDocument=document(ALLOW))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=made, PolicyDocument=document(ALLOW), SetAsDefault=True)
    refused(iam, "delete_policy", {"PolicyArn": made}, "DeleteConflict", "This policy has more than one version.")
    iam.delete_policy_version(PolicyArn=made, VersionId="v1")
    iam.delete_policy(PolicyArn=made)


def test_tags_are_unique_without_regard_to_case_and_not_of_aws(aws: Emulator, role: str) -> None:
    iam = client(aws, "iam")
    tags = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    refused(iam, "tag_role", {"RoleName": role, "Tags": tags}, "InvalidInput", "Duplicate tag keys found.")
    tags = [{"Key": "aws:a", "Value": "1"}]
    refused(iam, "tag_role", {"RoleName": role, "Tags": tags}, "InvalidInput", "reserved")
    iam.tag_role(RoleName=role, Tags=[{"Key": str(number), "Value": ""} for number in range(50)])
    tags = [{"Key": "more", "Value": "1"}]
    refused(iam, "tag_role", {"RoleName": role, "Tags": tags}, "LimitExceeded", "quota for TagsPerRole: 50")


def test_a_role_that_is_not_there_is_named(aws: Emulator) -> None:
    with pytest.raises(ClientError, match="The role with name none cannot be found.") as caught:
        client(aws, "iam").delete_role(RoleName="none")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_session_is_no_longer_than_its_role_allows_and_an_hour_in_a_chain(aws: Emulator) -> None:
    sts, session = client(aws, "sts"), {"RoleSessionName": "session", "DurationSeconds": 3601}
    role = make_role(aws, "", principal={"AWS": ACCOUNT})
    too_long = "exceeds the MaxSessionDuration set for this role."
    refused(sts, "assume_role", session | {"RoleArn": role}, "ValidationError", too_long)
    client(aws, "iam").update_role(RoleName=role.rsplit("/", 1)[-1], MaxSessionDuration=7200)
    sts.assume_role(**session, RoleArn=role)
    chained = aws.client("sts", **assume(aws, allow(["sts:AssumeRole"], ["*"])))
    refused(chained, "assume_role", session | {"RoleArn": role}, "ValidationError", "by role chaining.")
    chained.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=3600)
