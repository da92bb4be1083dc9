"""AWS's own policies, the roles that services make for themselves, and what IAM's simulator says.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html. Moto has the documents of the
managed policies. MiniStack has a few of them, lists all on one page, and makes no service-linked roles.
"""

import functools
import json
import threading
from typing import Any

from ministack.services import iam

from cloud.core import patch
from cloud.iam import identity
from cloud.requests.answers import completes
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {
    iam: (
        "_AWS_MANAGED_POLICY_PREFIX _aws_managed_policies _gen_id _is_aws_managed_arn _make_aws_managed_record _now "
        "_roles"
    ),
}

# By the call that makes AWS create the role: its principal, its name, and its policy below aws-service-role/, from
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html.
_SERVICE_LINKED = {
    ("ecs", "CreateCluster"): ("ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"),
    ("elbv2", "CreateLoadBalancer"): (
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
    ),
    ("rds", "CreateDBInstance"): ("rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"),
    ("application-autoscaling", "RegisterScalableTarget"): (
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy",
    ),
}
_lock = threading.Lock()


@functools.cache
def _load() -> None:
    """Give MiniStack all of AWS's policies: it takes a second, so it waits until one is asked for."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    for name, each in json.loads(aws_managed_policies_data).items():
        record = iam._make_aws_managed_record(each["Path"].lstrip("/") + name, json.dumps(each["Document"]))
        created, updated = (each[member].replace("+00:00", "Z") for member in ("CreateDate", "UpdateDate"))
        version, (content,) = each["DefaultVersionId"], record["Versions"].values()
        record |= {"CreateDate": created, "UpdateDate": updated, "DefaultVersionId": version}
        record["Versions"] = {version: content | {"VersionId": version, "CreateDate": updated}}
        iam._aws_managed_policies.setdefault(record["Arn"], record)


def _lookup(old: Any, arn: str) -> Any:
    if iam._is_aws_managed_arn(arn) and arn not in iam._aws_managed_policies:
        with _lock:
            _load()
    return old(arn)


def _list(old: Any, p: dict[str, Any]) -> Any:
    with _lock:
        _load()
    return old(p)


@completes("iam", "GetRole")
def _last_used(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html: empty where nothing is tracked."""
    answer["Role"].setdefault("RoleLastUsed", {})


@completes("iam", "ListPolicies")
def _page(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html"""
    asked, found = call.parameters, answer["Policies"]
    if asked.get("OnlyAttached"):
        found = [each for each in found if each["AttachmentCount"] + each["PermissionsBoundaryUsageCount"]]
    start = int(asked.get("Marker") or 0)
    end = start + (asked.get("MaxItems") or 100)
    answer |= {"Policies": found[start:end], "IsTruncated": end < len(found)}
    if answer["IsTruncated"]:
        answer["Marker"] = str(end)


_DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


@completes("iam", "SimulatePrincipalPolicy")
def _simulate(call: Call, answer: dict[str, Any]) -> None:
    """Each action on each resource, in the context that the caller gives, and within the role's boundary.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. MiniStack judges the first
    resource alone, without context and boundary.
    """
    asked = call.parameters
    if ":role/" not in asked["PolicySourceArn"]:
        return
    context: dict[str, Any] = {}
    for entry in asked.get("ContextEntries", []):
        values = entry.get("ContextKeyValues", [])
        context[entry["ContextKeyName"].lower()] = values[0] if len(values) == 1 else values
    answer["EvaluationResults"] = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": _DECISIONS[identity.decision(asked["PolicySourceArn"], action, resource, context)],
        }
        for action in asked["ActionNames"]
        for resource in asked.get("ResourceArns") or ["*"]
    ]


def _make_role(call: Call, answer: dict[str, Any]) -> None:
    host, name, policy = _SERVICE_LINKED[call.service, call.operation]
    if name in iam._roles:
        return
    path = f"/aws-service-role/{host}/"
    statement = {"Effect": "Allow", "Principal": {"Service": host}, "Action": "sts:AssumeRole"}
    iam._roles[name] = {
        "RoleName": name,
        "Arn": f"arn:aws:iam::{call.account}:role{path}{name}",
        "RoleId": iam._gen_id("AROA"),
        "CreateDate": iam._now(),
        "Path": path,
        "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        "MaxSessionDuration": 3600,
        "AttachedPolicies": [f"{iam._AWS_MANAGED_POLICY_PREFIX}aws-service-role/{policy}"],
        "InlinePolicies": {},
        "Tags": [],
    }


def install() -> None:
    """Have the policies when one is asked for, and the roles when a service is first used."""
    patch.wrap(iam, "_lookup_policy", _lookup, "arn")
    patch.wrap(iam, "_list_policies", _list, "p")
    for service, operation in _SERVICE_LINKED:
        completes(service, operation)(_make_role)
