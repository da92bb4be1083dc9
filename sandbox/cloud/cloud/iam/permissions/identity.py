"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html and
list_awskeymanagementservice.html.
"""

from typing import Any

from ministack.services import iam

from cloud.iam.permissions.checks import Check, Checks, arn, asks, tags
from cloud.kms import access
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {iam: "_roles"}


def _role(call: Call) -> dict[str, Any]:
    return iam._roles.get(call.parameters.get("RoleName", "")) or {}


@asks("iam", "CreateRole")
def _create(call: Call) -> Checks:
    path = call.parameters.get("Path", "/")
    resource = f"arn:aws:iam::{call.account}:role{path}{call.parameters['RoleName']}"
    boundary = call.parameters.get("PermissionsBoundary")
    context = {"iam:PermissionsBoundary": boundary} if boundary else {}
    yield Check("iam:CreateRole", resource, context)
    if entries := call.parameters.get("Tags"):
        yield Check("iam:TagRole", resource, tags(entries), alone=True)


@asks(
    "iam",
    "AttachRolePolicy DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy GetRole "
    "PutRolePermissionsBoundary PutRolePolicy UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription",
)
def _change(call: Call) -> Checks:
    """The boundary that the role has, or the one that it is to get."""
    role, asked = _role(call), call.parameters
    boundary = asked.get("PermissionsBoundary") or role.get("PermissionsBoundary")
    context = {"iam:PermissionsBoundary": boundary} if boundary else {}
    if policy := asked.get("PolicyArn"):
        context["iam:PolicyARN"] = policy
    resource = role.get("Arn") or f"arn:aws:iam::{call.account}:role/{asked['RoleName']}"
    yield Check(f"iam:{call.operation}", resource, context)


@asks("kms", "CreateAlias DeleteAlias UpdateAlias")
def _alias(call: Call) -> Checks:
    """An alias and its key are judged each."""
    name = call.parameters["AliasName"]
    key = access.find(call.parameters.get("TargetKeyId") or name)
    yield Check(f"kms:{call.operation}", arn(call, "kms", name))
    if key:
        yield Check(f"kms:{call.operation}", key["Arn"])


@asks("kms", "CreateKey")
def _key(call: Call) -> Checks:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html: tags take TagResource as well."""
    yield Check("kms:CreateKey", "*")
    if entries := call.parameters.get("Tags"):
        yield Check("kms:TagResource", arn(call, "kms", "key/*"), tags(entries), alone=True)
