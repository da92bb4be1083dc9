"""Parameters of the Parameter Store."""

import re
from typing import Any

import regex
from ministack.services import ssm

from cloud.kms import access
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {ssm: "_parameters _default_tier"}

_NAME = re.compile(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_LEVELS, _ARN_LENGTH = 15, 1011
_DATA_TYPES = ("text", "aws:ec2:image", "aws:ssm:integration")
_FORM = (
    "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix "
    "of letters, numbers and the following 3 symbols .-_"
)


def _valid(right: Any, message: str) -> None:
    if not right:
        raise Refused("ValidationException", message)


@rule("ssm", "PutParameter")
def _name(call: Call) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html"""
    name = call.parameters["Name"].strip()
    _valid(not name.endswith("/"), "Parameter name must not end with slash.")
    _valid("/" not in name or name.startswith("/"), "Parameter name must be a fully qualified name.")
    _valid(_NAME.fullmatch(name), f'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). {_FORM}')
    if name.count("/") > _LEVELS:
        raise Refused(
            "HierarchyLevelLimitExceededException", f"A parameter hierarchy has at most {_LEVELS} levels: {name}"
        )
    arn = f"arn:aws:ssm:{call.region}:{call.account}:parameter/{name.removeprefix('/')}"
    _valid(len(arn) <= _ARN_LENGTH, f"The name is too long: with its ARN it has at most {_ARN_LENGTH} characters.")


@rule("ssm", "PutParameter")
def _value(call: Call) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    given = call.parameters
    _valid(given["Value"], "1 validation error detected: Value '' at 'value' failed to satisfy constraint")
    nested = 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.'
    _valid(not re.search(r"\{\{.*\}\}", given["Value"], re.DOTALL), nested)
    kind, data_type = given.get("Type"), given.get("DataType") or "text"
    unsupported = f"The following data type is not supported: {data_type}. (Data type names are all lowercase.)"
    _valid(data_type in _DATA_TYPES, unsupported)
    words = f"The {data_type} data type is not supported for the following input type: {kind}"
    _valid(data_type == "text" or kind in (None, "String"), words)


@rule("ssm", "PutParameter")
def _pattern(call: Call) -> None:
    """The whole value matches the pattern, also that of an earlier version.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/param-create-cli.html
    """
    stored = ssm._parameters.get(call.parameters["Name"]) or {}
    if not (pattern := call.parameters.get("AllowedPattern") or stored.get("AllowedPattern")):
        return
    value = call.parameters["Value"]
    items = value.split(",") if call.parameters.get("Type") == "StringList" else [value]
    try:
        matched = all(regex.fullmatch(pattern, item) for item in items)
    except regex.error as error:
        raise Refused("InvalidAllowedPatternException", f"The pattern {pattern} is none: {error}") from error
    if not matched:
        words = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise Refused("ParameterPatternMismatchException", words)


@rule("ssm", "PutParameter")
def _tier(call: Call) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"""
    given, stored = call.parameters, ssm._parameters.get(call.parameters["Name"]) or {}
    tier = given.get("Tier") or ssm._default_tier(given, given["Value"], stored)
    words = (
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter "
        "tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as "
        "a standard parameter."
    )
    _valid(tier != "Standard" or stored.get("Tier") != "Advanced", words)
    policies = "You can't assign parameter policies to a standard-parameter tier."
    _valid(tier != "Standard" or not given.get("Policies"), policies)
    larger = "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
    words = f"Standard tier parameters support a maximum parameter value of 4096 characters. {larger}"
    _valid(tier != "Standard" or len(given["Value"]) <= 4096, words)
    words = "Advanced-tier parameters support a maximum parameter value of 8192 characters."
    _valid(len(given["Value"]) <= 8192, words)


@rule("ssm", "PutParameter")
def _key(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"""
    reference = call.parameters.get("KeyId")
    kind = call.parameters.get("Type") or (ssm._parameters.get(call.parameters["Name"]) or {}).get("Type")
    if not reference or kind != "SecureString" or reference == "alias/aws/ssm":
        return
    if not (key := access.find(reference)):
        raise Refused("InvalidKeyId", f"Invalid keyId {reference}")
    if key["KeyState"] != "Enabled":
        state = "pending deletion" if key["KeyState"] == "PendingDeletion" else "disabled"
        raise Refused("InvalidKeyId", f"{key['Arn']} is {state}.")


@rule("ssm", "PutParameter AddTagsToResource")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html"""
    keys = [tag["Key"] for tag in call.parameters.get("Tags") or []]
    _valid(not any(key.lower().startswith("aws:") for key in keys), "Tag keys cannot start with aws:")
    if len(keys) > 50:
        raise Refused("TooManyTagsError", "A resource has at most 50 tags.")
