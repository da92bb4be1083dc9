"""What CloudTrail tries when a trail is made or changed.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html and API_UpdateTrail.html.
"""

from typing import Any

from ministack.services import cloudtrail, cloudwatch_logs, s3

from cloud.cloudtrail import delivery
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    cloudtrail: "_find_visible_trail _trail_arn",
    cloudwatch_logs: "_log_groups",
    s3: "_buckets",
}


def _after(call: Call) -> dict[str, Any]:
    """The trail as it is to be."""
    found = cloudtrail._find_visible_trail(call.parameters["Name"])[2] if call.operation == "UpdateTrail" else None
    arn = {"TrailARN": cloudtrail._trail_arn(call.parameters["Name"])}
    return {**(found or arn), **call.parameters}


@rule("cloudtrail", "CreateTrail UpdateTrail")
def _bucket(call: Call) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"""
    trail = _after(call)
    bucket = trail.get("S3BucketName")
    if bucket is None:
        return  # there is no such trail
    if bucket not in s3._buckets:
        raise Refused("S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!")
    if not delivery.may_write(trail):
        words = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
        raise Refused("InsufficientS3BucketPolicyException", words)


@rule("cloudtrail", "CreateTrail UpdateTrail")
def _key(call: Call) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"""
    trail = _after(call)
    if trail.get("KmsKeyId") and not delivery.may_encrypt(trail):
        words = f"Insufficient permissions to access S3 bucket {trail['S3BucketName']} or KMS key {trail['KmsKeyId']}."
        raise Refused("InsufficientEncryptionPolicyException", words)


@rule("cloudtrail", "CreateTrail UpdateTrail")
def _log_group(call: Call) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html"""
    trail = _after(call)
    group, role = trail.get("CloudWatchLogsLogGroupArn"), trail.get("CloudWatchLogsRoleArn")
    if not group and not role:
        return
    parts = (group or "").split(":")
    if len(parts) < 7 or parts[6] not in cloudwatch_logs._log_groups:
        words = "CloudTrail cannot validate the specified log group ARN."
        raise Refused("InvalidCloudWatchLogsLogGroupArnException", words)
    if not role or not delivery.may_log(group, role):
        words = "Access denied. Check the permissions for your role."
        raise Refused("InvalidCloudWatchLogsRoleArnException", words)
