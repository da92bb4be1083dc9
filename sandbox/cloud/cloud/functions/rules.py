"""Functions that Lambda does not make."""

from typing import Any

from ministack.services import ec2

from cloud.iam import identity, trust
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {ec2: "_security_groups _subnets"}

_CODE = "InvalidParameterValueException"


@rule("lambda", "CreateFunction UpdateFunctionConfiguration")
def _role(call: Call) -> None:
    """Lambda has to be able to assume the role: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"""
    role, name = call.parameters.get("Role"), call.parameters["FunctionName"].rpartition(":")[2]
    source = f"arn:aws:lambda:{call.region}:{call.account}:function:{name}"
    if role and not trust.assumable(role, "lambda.amazonaws.com", call.region, source):
        raise Refused(_CODE, "The role defined for the function cannot be assumed by Lambda.")


@rule("lambda", "CreateFunction")
def _interfaces(call: Call) -> None:
    """A role in a VPC may make interfaces: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""
    if not _vpc(call).get("SubnetIds"):
        return
    for action in ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"):
        if not identity.may(call.parameters["Role"], f"ec2:{action}"):
            words = f"The provided execution role does not have permissions to call {action} on EC2"
            raise Refused(_CODE, words)


@rule("lambda", "CreateFunction UpdateFunctionConfiguration")
def _network(call: Call) -> None:
    """Subnets and groups of one VPC: https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html"""
    subnets, groups = _vpc(call).get("SubnetIds") or [], _vpc(call).get("SecurityGroupIds") or []
    if bool(subnets) != bool(groups):
        raise Refused(_CODE, "SubnetIds and SecurityIds must coexist or be both empty list.")
    for kind, names, known in (("subnet", subnets, ec2._subnets), ("security group", groups, ec2._security_groups)):
        if missing := [name for name in names if name not in known]:
            raise Refused(_CODE, f"Error occurred while DescribeNetwork. The {kind} '{missing[0]}' does not exist")
    vpcs = {ec2._subnets[name]["VpcId"] for name in subnets} | {ec2._security_groups[name]["VpcId"] for name in groups}
    if len(vpcs) > 1:
        raise Refused(_CODE, "Security Groups are required to be in the same VPC.")


def _vpc(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = call.parameters.get("VpcConfig") or {}
    return found
