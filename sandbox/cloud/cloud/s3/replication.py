"""Replicate objects only as far as S3 may take the replication role and the role may go, with the key of the rule.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html (permissions of the role)
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html (objects under KMS
are replicated only when the rule says so). MiniStack copies objects whatever the role may do, and keeps the source's
key in the other region.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import AccountRegionScopedDict, get_region
from ministack.services import kms, s3

from cloud.core import patch
from cloud.iam import trust

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "get_scoped",
    iam_evaluator: "_gather_role_policies combine_resource_policy evaluate",
    kms: "_keys",
    s3: "_bucket_replication _replication_rule_for",
}

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_READ = ("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl")


def install() -> None:
    """Put the checks before the copy of an object and of a delete marker."""
    patch.wrap(s3, "_maybe_replicate", _replicate, "bucket_name key obj data tags")
    patch.wrap(s3, "_maybe_replicate_delete_marker", _replicate_marker, "bucket_name key")


def role_may(role: str, action: str, resource: str, region: str, policy: Any = None, **context: str) -> bool:
    """Whether the policies of a role, and the resource's own where it has one, allow an action.

    ``policy`` is a pair of a key's policy and the account that owns the key: such a policy must allow as well.
    """
    account = role.split(":")[4]
    name = role.rsplit("/", 1)[-1]
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/s3-replication",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        service_context=context,
    )
    result = iam_evaluator.evaluate(call, iam_evaluator._gather_role_policies(name, account))
    if policy is not None:
        result = iam_evaluator.combine_resource_policy(result, call, *policy, required=True)
    return result.decision == "Allow"


def _may_use_key(role: str, action: str, key: str, bucket: str, object_key: str) -> bool:
    parts = key.split(":")
    if len(parts) < 6:
        return False
    region, account = parts[3], parts[4]
    found = kms._keys.get_scoped(account, region, parts[5].removeprefix("key/"))
    if found is None or found["KeyState"] != "Enabled":
        return False
    # Bucket keys make the bucket the context: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    return any(
        role_may(
            role,
            action,
            key,
            region,
            (found.get("Policy"), account),
            **{
                "kms:viaservice": f"s3.{region}.amazonaws.com",
                "kms:calleraccount": account,
                "kms:encryptioncontext:aws:s3:arn": context,
            },
        )
        for context in (f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{object_key}")
    )


def _destination(rule: dict) -> tuple[str, str]:
    destination = rule.get("Destination") or {}
    key = (destination.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID", "")
    return destination.get("Bucket", "").rsplit(":", 1)[-1], key


def _may_replicate(bucket: str, key: str, headers: dict, rule: dict, role: str) -> bool:
    target, target_key = _destination(rule)
    source_arn, target_arn = f"arn:aws:s3:::{bucket}/{key}", f"arn:aws:s3:::{target}/{key}"
    region = get_region()
    allowed = trust.assumable(role, "s3.amazonaws.com", region)
    allowed = allowed and all(role_may(role, action, source_arn, region) for action in _READ)
    allowed = allowed and role_may(role, "s3:GetReplicationConfiguration", f"arn:aws:s3:::{bucket}", region)
    allowed = allowed and role_may(role, "s3:ReplicateObject", target_arn, region)
    if headers.get(_ALGORITHM) == "aws:kms":
        allowed = allowed and _may_use_key(role, "kms:Decrypt", headers.get(_KEY, ""), bucket, key)
        allowed = allowed and _may_use_key(role, "kms:Encrypt", target_key, target, key)
    return allowed


def _replicate(old: Any, bucket_name: str, key: str, obj: dict, data: Any, tags: dict | None = None) -> None:
    rule, role = s3._replication_rule_for(bucket_name, key, tags)
    headers = dict(obj.get("preserved_headers") or {})
    encrypted = headers.get(_ALGORITHM) == "aws:kms"
    if rule is None:
        return
    chosen = ((rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects") or {}).get("Status")
    if encrypted and chosen != "Enabled":
        return
    if not _may_replicate(bucket_name, key, headers, rule, role):
        obj["replication_status"] = "FAILED"
        return
    _, target_key = _destination(rule)
    if encrypted:
        obj["preserved_headers"] = headers | {_KEY: target_key}  # of the copy that is made now
    try:
        old(bucket_name, key, obj, data, tags)
    finally:
        if encrypted:
            obj["preserved_headers"] = headers


def _replicate_marker(old: Any, bucket_name: str, key: str) -> None:
    config = s3._bucket_replication.get(bucket_name)
    if not config:
        return
    targets = {_destination(rule)[0] for rule in config.get("Rules", [])}
    arns = [f"arn:aws:s3:::{target}/{key}" for target in targets]
    role, region = config.get("Role", ""), get_region()
    if trust.assumable(role, "s3.amazonaws.com", region) and all(
        role_may(role, "s3:ReplicateDelete", arn, region) for arn in arns
    ):
        old(bucket_name, key)
