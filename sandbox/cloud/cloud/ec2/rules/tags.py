"""Tags."""

from collections import Counter
from typing import Any

from ministack.services import ec2

from cloud.ec2.existing import check
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_tags",
}

# What a call that creates something tags.
_TYPES = {
    "AllocateAddress": "elastic-ip",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
_MOST, _KEY, _VALUE = 50, 128, 256


@rule("ec2", " ".join(_TYPES))
def _at_creation(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html"""
    for each in call.parameters.get("TagSpecifications") or []:
        if each.get("ResourceType") != _TYPES[call.operation]:
            words = f"'{each.get('ResourceType')}' is not a valid taggable resource type for this operation."
            raise Refused("InvalidParameterValue", words)
        _form(each.get("Tags") or [])


@rule("ec2", "CreateTags")
def _later(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html"""
    _form(call.parameters["Tags"])
    given = {tag["Key"] for tag in call.parameters["Tags"]}
    for name in call.parameters["Resources"]:
        check(name)
        if len(given | {tag["Key"] for tag in ec2._tags.get(name) or []}) > _MOST:
            raise Refused("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")


@rule("ec2", "DeleteTags")
def _of_what_is_there(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html"""
    for name in call.parameters["Resources"]:
        check(name)


def _form(tags: list[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions"""
    if len(tags) > _MOST:
        raise Refused("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
    for key, count in Counter(tag.get("Key") for tag in tags).items():
        if not key:
            raise Refused("MissingParameter", "The request must contain the parameter key")
        if count > 1:
            raise Refused("InvalidParameterValue", f"Duplicate tag key '{key}' specified.")
        if key.lower().startswith("aws:"):
            raise Refused("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
        if len(key) > _KEY:
            raise Refused("InvalidParameterValue", f"Tag key exceeds the maximum length of {_KEY} characters")
    if any(len(tag.get("Value") or "") > _VALUE for tag in tags):
        raise Refused("InvalidParameterValue", f"Tag value exceeds the maximum length of {_VALUE} characters")
