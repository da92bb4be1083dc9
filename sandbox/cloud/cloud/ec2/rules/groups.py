"""Security groups."""

import re

from ministack.services import ec2

from cloud.ec2 import interfaces
from cloud.ec2.existing import find
from cloud.ec2.permissions import KINDS
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_DEFAULT_VPC_ID _security_groups",
}

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
TEXT = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
CHARACTERS = "strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"


@rule("ec2", "CreateSecurityGroup")
def _name_and_description(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    name, told = call.parameters["GroupName"], call.parameters["Description"]
    if name.lower().startswith("sg-"):
        words = f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*."
        raise Refused("InvalidParameterValue", words)
    if name.lower() == "default":
        raise Refused("InvalidGroup.Reserved", f"Cannot use reserved security group name: {name}")
    for what, value in (("name", name), ("description", told)):
        if not TEXT.fullmatch(value):
            words = f"Invalid security group {what}. Valid {what}s are {CHARACTERS}"
            raise Refused("InvalidParameterValue", words)
    vpc = find("vpc", call.parameters.get("VpcId") or ec2._DEFAULT_VPC_ID)["VpcId"]
    for each in ec2._security_groups.values():
        if each["VpcId"] == vpc and each["GroupName"].lower() == name.lower():
            words = f"The security group '{name}' already exists for VPC '{vpc}'"
            raise Refused("InvalidGroup.Duplicate", words)


@rule("ec2", "DeleteSecurityGroup")
def _unused_group(call: Call) -> None:
    """Neither an interface nor a rule uses it: https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html."""
    name = call.parameters.get("GroupId")
    if not name and not call.parameters.get("GroupName"):
        raise Refused("MissingParameter", "The request must contain the parameter groupName or groupId")
    if name and find("sg", name)["GroupName"] == "default":
        return  # MiniStack refuses it
    referring = [each for each in ec2._security_groups.values() if each["GroupId"] != name and name in _named(each)]
    if referring or any(name in each.groups for each in interfaces.held()):
        raise Refused("DependencyViolation", f"resource {name} has a dependent object")


def _named(group: dict) -> set[str]:
    """The groups that a group's rules name."""
    rules = group["IpPermissions"] + group["IpPermissionsEgress"]
    pairs = [pair for each in rules for pair in each.get("UserIdGroupPairs", [])]
    return {pair[KINDS["UserIdGroupPairs"]] for pair in pairs}
