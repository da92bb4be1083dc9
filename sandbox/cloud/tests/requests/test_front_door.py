"""The services' models refuse at the front door, in each service's own code and words."""

import boto3
import pytest
from helpers.emulator import Emulator, assume
from helpers.refusals import client, refused

XML = "The XML you provided was not well-formed or did not validate against our published schema"
ROLE = {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"}
GROUP = {"DBSubnetGroupName": "a", "DBSubnetGroupDescription": "a"}
TAGS = {"Name": "a", "Value": "b", "Tags": [{"Key": "", "Value": ""}]}

# By service and operation: the request, the error's code and its words.
CORAL = {
    ("iam", "create_role"): (
        ROLE,
        "ValidationError",
        "'a b' at 'roleName'",
        r"regular expression pattern: [\w+=,.@-]+",
    ),
    ("sts", "assume_role"): ({"RoleSessionName": "ab"}, "ValidationError", "null at 'roleArn'", "not be null"),
    ("elbv2", "create_target_group"): (
        {"Name": "a", "HealthCheckTimeoutSeconds": 121},
        "ValidationError",
        "'121' at 'healthCheckTimeoutSeconds'",
        "have value less than or equal to 120",
    ),
    ("logs", "create_log_group"): (
        {"logGroupName": "a b"},
        "InvalidParameterException",
        "'a b' at 'logGroupName'",
        "satisfy regular expression pattern: ",
    ),
    ("kms", "create_key"): (
        {"KeySpec": "AES"},
        "ValidationException",
        "'AES' at 'keySpec'",
        "satisfy enum value set: [",
    ),
    ("ssm", "put_parameter"): (
        TAGS,
        "ValidationException",
        "'' at 'tags.1.member.key'",
        "have length greater than or equal to 1",
    ),
    ("ecs", "create_service"): (
        {"serviceName": "a", "launchType": "LAMBDA"},
        "InvalidParameterException",
        "'LAMBDA' at 'launchType'",
        "satisfy enum value set: [EC2, FARGATE,",
    ),
}
OTHERS = {
    ("ecs", "update_service"): ({"service": "a", "desiredCount": "many"}, "SerializationException", "many"),
    ("ec2", "create_subnet"): ({"CidrBlock": "10.0.0.0/24"}, "MissingParameter", "must contain the parameter VpcId"),
    ("ec2", "create_vpc"): (
        {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "shared"},
        "InvalidParameterValue",
        "Value (shared) for parameter instanceTenancy is invalid.",
    ),
    ("rds", "create_db_instance"): ({"DBInstanceIdentifier": "a"}, "MissingParameter", "parameter DBInstanceClass."),
    ("rds", "create_db_subnet_group"): (GROUP, "MissingParameter", "The request must contain the parameter SubnetIds."),
    ("s3", "put_bucket_versioning"): (
        {"Bucket": "b-1", "VersioningConfiguration": {"Status": "On"}},
        "MalformedXML",
        XML,
    ),
    ("s3", "create_bucket"): ({"Bucket": "b-1", "ACL": "open"}, "InvalidArgument", "Invalid value for x-amz-acl"),
}


@pytest.mark.parametrize(("call", "expected"), CORAL.items(), ids=[":".join(call) for call in CORAL])
def test_a_broken_constraint_is_told_as_most_services_do(aws: Emulator, call: tuple, expected: tuple) -> None:
    request, code, value, constraint = expected
    words = f"1 validation error detected: Value {value} failed to satisfy constraint: Member must "
    refused(client(aws, call[0]), call[1], request, code, words)
    refused(client(aws, call[0]), call[1], request, code, constraint)


@pytest.mark.parametrize(("call", "expected"), OTHERS.items(), ids=[":".join(call) for call in OTHERS])
def test_other_services_tell_it_in_their_own_words(aws: Emulator, call: tuple, expected: tuple) -> None:
    answer = refused(client(aws, call[0]), call[1], *expected)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_limits_themselves_are_taken(aws: Emulator) -> None:
    made = client(aws, "logs").create_log_group(logGroupName="x" * 512, tags={"a" * 128: "b" * 256})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_all_broken_constraints_are_told_at_once(aws: Emulator) -> None:
    request = {"RoleArn": "role", "RoleSessionName": "a b"}
    refused(
        client(aws, "sts"), "assume_role", request, "ValidationError", "2 validation errors detected: Value 'role' at"
    )


def test_a_secret_value_is_not_told(aws: Emulator) -> None:
    request = {"Name": "a", "Type": "SecureString", "Value": "swordfish", "Tier": "Gold"}
    told = refused(client(aws, "ssm"), "put_parameter", request, "ValidationException", "'Gold' at 'tier'")
    assert "swordfish" not in str(told)


def test_who_may_not_call_is_told_nothing_of_the_request(aws: Emulator) -> None:
    address = f"http://127.0.0.1:{aws.port}"
    stranger = boto3.client("iam", endpoint_url=address, region_name=aws.region, **assume(aws))
    refused(stranger, "create_role", ROLE, "AccessDenied", "iam:CreateRole")
