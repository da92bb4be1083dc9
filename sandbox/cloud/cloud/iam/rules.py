"""What IAM and STS refuse.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. Actions of services that IAM does not know
are no mistake there: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand.html.
"""

import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import iam

from cloud.iam import policies
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "get_scoped",
    iam_evaluator: "caller_arn evaluate_trust_policy",
    iam: "_policies _policy_exists _roles",
}

_OF_A_ROLE = (
    "AttachRolePolicy DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies "
    "ListRolePolicies PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription"
)
_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\x21-\x7e]+")
_CHAINED = 3600
# The quotas of an account that has asked for no more.
_TRUST, _MANAGED, _INLINE, _ATTACHED, _TAGS = 2048, 6144, 10240, 10, 50


def _role(call: Call) -> dict[str, Any]:
    return iam._roles.get(call.parameters.get("RoleName", "")) or {}


@rule("iam", _OF_A_ROLE)
def _known_role(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html"""
    if not _role(call):
        name = call.parameters.get("RoleName")
        raise Refused("NoSuchEntity", f"The role with name {name} cannot be found.", 404)


@rule("iam", "SimulatePrincipalPolicy")
def _known_principal(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html"""
    _, role, name = call.parameters["PolicySourceArn"].partition(":role/")
    name = name.rsplit("/", 1)[-1]
    if role and name not in iam._roles:
        raise Refused("NoSuchEntity", f"The role with name {name} cannot be found.", 404)


def _document(text: str, kind: policies.Kind = policies.Kind.IDENTITY) -> list[dict[str, Any]]:
    try:
        return policies.statements(text, kind)
    except policies.MalformedError as error:
        raise Refused("MalformedPolicyDocument", str(error)) from error


@rule("iam", "CreateRole UpdateAssumeRolePolicy")
def _trust(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    text = call.parameters.get("AssumeRolePolicyDocument") or call.parameters.get("PolicyDocument", "")
    for statement in _document(text):
        if any(element in statement for element in ("Resource", "NotResource")):
            raise Refused("MalformedPolicyDocument", "Has prohibited field Resource")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise Refused("MalformedPolicyDocument", "Missing required field Principal")
        if not list(policies.principals(statement)):
            raise Refused("MalformedPolicyDocument", "Missing required field Principal cannot be empty!")
        if not all(
            action.lower().startswith(("sts:", "*")) for action in policies.strings(statement.get("Action", []))
        ):
            raise Refused("MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole actions.")
        for kind, name in policies.principals(statement):
            if not policies.exists(kind, name, call.account):
                kind = "SERVICE" if kind == "Service" else kind or "AWS"
                raise Refused("MalformedPolicyDocument", f'Invalid principal in policy: "{kind}":"{name}"')
    if policies.size(text) > _TRUST:
        raise Refused("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {_TRUST}", 409)


@rule("iam", "CreatePolicy CreatePolicyVersion PutRolePolicy PutUserPolicy PutGroupPolicy")
def _identity_policy(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html

    A managed policy has to have the current version of the grammar.
    """
    managed = call.operation in ("CreatePolicy", "CreatePolicyVersion")
    text = call.parameters.get("PolicyDocument", "")
    for statement in _document(text, policies.Kind.MANAGED if managed else policies.Kind.IDENTITY):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise Refused("MalformedPolicyDocument", "Policy document should not specify a principal.")
        if not statement.get("Resource") and not statement.get("NotResource"):
            raise Refused("MalformedPolicyDocument", "Policy statement must contain resources.")
    if managed and policies.size(text) > _MANAGED:
        raise Refused("LimitExceeded", f"Cannot exceed quota for PolicySize: {_MANAGED}", 409)


@rule("iam", "PutRolePolicy")
def _inline_policies(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all of a role share one."""
    documents = _role(call).get("InlinePolicies", {}) | {
        call.parameters["PolicyName"]: call.parameters["PolicyDocument"]
    }
    if sum(policies.size(text) for text in documents.values()) > _INLINE:
        name = call.parameters["RoleName"]
        raise Refused("LimitExceeded", f"Maximum policy size of {_INLINE} bytes exceeded for role {name}", 409)


@rule("iam", "AttachRolePolicy AttachUserPolicy AttachGroupPolicy")
def _attached_policy(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html"""
    arn = call.parameters.get("PolicyArn", "")
    if not arn.startswith("arn:"):
        raise Refused("ValidationError", "Invalid ARN:  Could not be parsed!")
    if not _POLICY_ARN.fullmatch(arn):
        raise Refused("InvalidInput", f"ARN {arn} is not valid.")
    if not iam._policy_exists(arn):
        raise Refused("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
    attached = _role(call).get("AttachedPolicies", []) if call.operation == "AttachRolePolicy" else []
    if len({*attached, arn}) > _ATTACHED:
        raise Refused("LimitExceeded", f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED}", 409)


@rule("iam", "DeletePolicy")
def _versions(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
    policy = iam._policies.get(call.parameters.get("PolicyArn", "")) or {}
    if len(policy.get("Versions", ())) > 1 and not policy.get("AttachmentCount"):
        raise Refused(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy.",
            409,
        )


@rule("iam", "CreateRole CreatePolicy TagRole TagPolicy CreateUser TagUser")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html: keys are told apart without regard to case."""
    keys = [tag["Key"].lower() for tag in call.parameters.get("Tags") or []]
    if any(key.startswith("aws:") for key in keys):
        raise Refused("InvalidInput", "Tag keys beginning with aws: are reserved for system use.")
    if len(set(keys)) < len(keys):
        raise Refused("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    known = {tag["Key"].lower() for tag in _role(call).get("Tags", [])} if call.operation == "TagRole" else set()
    if len(known | set(keys)) > _TAGS:
        raise Refused("LimitExceeded", f"Cannot exceed quota for TagsPerRole: {_TAGS}", 409)


@rule("sts", "AssumeRole")
def _session(call: Call) -> None:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, DurationSeconds; only who may take the
    role learns of it"""
    seconds, caller = call.parameters.get("DurationSeconds", 0), iam_evaluator.caller_arn()
    if seconds > _CHAINED and ":assumed-role/" in caller:
        raise Refused(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    account, _, name = call.parameters["RoleArn"].partition(":iam::")[2].partition(":role/")
    role = iam._roles.get_scoped(account, None, name.rpartition("/")[2]) or {}
    if seconds > role.get("MaxSessionDuration", seconds) and iam_evaluator.evaluate_trust_policy(
        role["AssumeRolePolicyDocument"], caller
    ):
        raise Refused(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
