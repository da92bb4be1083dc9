"""What KMS refuses.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html; the states are those of
https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html.
"""

import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.services import kms

from cloud.iam import policies
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "caller_arn evaluate_resource_policy",
    kms: "_aliases _alias_arn _resolve_key",
}

# https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#key-policy-limit
_POLICY = 32 * 1024
_TAGS = 50
_LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
# https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-KeyUsage
_USAGES = {
    "SYMMETRIC": {"ENCRYPT_DECRYPT"},
    "RSA": {"ENCRYPT_DECRYPT", "SIGN_VERIFY"},
    "ECC": {"SIGN_VERIFY", "KEY_AGREEMENT"},
    "HMAC": {"GENERATE_VERIFY_MAC"},
}
_NOT_WHEN_PENDING_DELETION = (
    "CreateAlias CreateGrant DisableKey DisableKeyRotation EnableKey EnableKeyRotation ScheduleKeyDeletion TagResource "
    "UntagResource UpdateAlias UpdateKeyDescription"
)
_ON_A_KEY = (
    f"{_NOT_WHEN_PENDING_DELETION} CancelKeyDeletion DescribeKey Encrypt GenerateDataKey GetKeyPolicy "
    "GetKeyRotationStatus PutKeyPolicy"
)
_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def _key(call: Call) -> dict[str, Any]:
    reference = call.parameters.get("TargetKeyId") or call.parameters.get("KeyId", "")
    return kms._resolve_key(reference) or {}


@rule("kms", _ON_A_KEY)
def _known_key(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id: by id or ARN, in its region"""
    reference = call.parameters.get("TargetKeyId") or call.parameters.get("KeyId", "")
    parts = reference.split(":")
    if reference.startswith("arn:") and len(parts) > 4 and parts[3] != call.region:
        raise Refused("NotFoundException", f"Invalid arn {parts[3]}")
    if len(parts) == 1 and "/" not in reference and not _ID.fullmatch(reference):
        raise Refused("NotFoundException", f"Invalid keyId '{reference}'")
    if not _key(call):
        arn = reference if len(parts) > 1 else f"arn:aws:kms:{call.region}:{call.account}:key/{reference}"
        if reference.startswith("alias/"):
            arn = f"arn:aws:kms:{call.region}:{call.account}:{reference}"
            raise Refused("NotFoundException", f"Alias {arn} is not found.")
        raise Refused("NotFoundException", f"Key '{arn}' does not exist")


@rule("kms", _NOT_WHEN_PENDING_DELETION)
def _pending_deletion(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""
    key = _key(call)
    if key["KeyState"] == "PendingDeletion":
        raise Refused("KMSInvalidStateException", f"{key['Arn']} is pending deletion.")


@rule("kms", "CancelKeyDeletion")
def _not_pending_deletion(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html"""
    key = _key(call)
    if key["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion"):
        raise Refused("KMSInvalidStateException", f"{key['Arn']} is not pending deletion.")


@rule("kms", "EnableKeyRotation DisableKeyRotation")
def _rotation(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html"""
    key = _key(call)
    if key["KeyState"] == "Disabled":
        raise Refused("DisabledException", f"{key['Arn']} is disabled.")
    if key["KeySpec"] != "SYMMETRIC_DEFAULT":
        raise Refused("UnsupportedOperationException", "")
    if key["Origin"] != "AWS_KMS":
        words = f"{key['Arn']} origin is {key['Origin']} which is not valid for this operation."
        raise Refused("UnsupportedOperationException", words)


@rule("kms", "CreateKey")
def _usage(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"""
    spec = call.parameters.get("KeySpec") or call.parameters.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage, allowed = call.parameters.get("KeyUsage"), _USAGES.get(spec.partition("_")[0])
    if usage is None and spec != "SYMMETRIC_DEFAULT":
        raise Refused(
            "ValidationException",
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        )
    if usage and allowed and usage not in allowed:
        raise Refused("ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}")


@rule("kms", "CreateKey PutKeyPolicy ReplicateKey")
def _policy(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#allow-unmanageable-key"""
    text = call.parameters.get("Policy")
    if text is None:
        return
    if len(text.encode()) > _POLICY:
        raise Refused("LimitExceededException", f"The key policy is larger than {_POLICY} bytes.")
    try:
        found = policies.statements(text, policies.Kind.RESOURCE)
    except policies.MalformedError as error:
        raise Refused("MalformedPolicyDocumentException", str(error)) from error
    for statement in found:
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise Refused("MalformedPolicyDocumentException", "Policy contains a statement with no principal.")
        if not all(policies.exists(kind, name, call.account) for kind, name in policies.principals(statement)):
            raise Refused(
                "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."
            )
    if not call.parameters.get("BypassPolicyLockoutSafetyCheck") and not _may_change(text, call):
        raise Refused("MalformedPolicyDocumentException", _LOCKED_OUT)


def _may_change(text: str, call: Call) -> bool:
    """Whether the caller may change a key policy once it holds."""
    arn = call.parameters.get("KeyId", "")
    context = EvalContext(
        principal_arn=iam_evaluator.caller_arn(),
        principal_type="User",
        principal_account=call.account,
        action="kms:PutKeyPolicy",
        resource_arn=arn if arn.startswith("arn:") else f"arn:aws:kms:{call.region}:{call.account}:key/{arn or 'new'}",
        region=call.region,
        service_context={"kms:calleraccount": call.account},
    )
    return iam_evaluator.evaluate_resource_policy(text, context).decision == "Allow"


@rule("kms", "CreateKey TagResource ReplicateKey")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html"""
    keys = [tag["TagKey"] for tag in call.parameters.get("Tags") or []]
    if any(key.lower().startswith("aws:") for key in keys):
        raise Refused("TagException", "Tags beginning with aws: are reserved")
    if len(set(keys)) < len(keys):
        raise Refused("TagException", "Duplicate tag keys")
    known = {tag["TagKey"] for tag in _key(call).get("Tags", [])} if call.operation == "TagResource" else set()
    if len(known | set(keys)) > _TAGS:
        raise Refused("TagException", "Too many tags")


@rule("kms", "CreateAlias UpdateAlias DeleteAlias")
def _alias(call: Call) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html"""
    name, target = call.parameters.get("AliasName", ""), call.parameters.get("TargetKeyId", "")
    if not name.startswith("alias/") or name == "alias/":
        raise Refused(
            "ValidationException",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        )
    if name.startswith("alias/aws/"):
        raise Refused("NotAuthorizedException", "")
    if ":" in name:
        raise Refused("ValidationException", f"{name} contains invalid characters for an alias")
    if "alias/" in target:
        raise Refused("ValidationException", "Aliases must refer to keys. Not aliases")
    arn = kms._alias_arn(name)
    if call.operation == "CreateAlias" and arn in kms._aliases:
        raise Refused("AlreadyExistsException", f"An alias with the name {arn} already exists")
    if call.operation != "CreateAlias" and arn not in kms._aliases:
        raise Refused("NotFoundException", f"Alias {arn} is not found.")
