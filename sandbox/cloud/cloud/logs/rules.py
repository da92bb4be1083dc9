"""Log groups."""

from cloud.kms import access
from cloud.requests.rules import Call, Refused, rule

_USE = ("kms:GenerateDataKey", "kms:Decrypt")


@rule("logs", "CreateLogGroup")
def _name(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""
    if call.parameters["logGroupName"].lower().startswith("aws/"):
        raise Refused("InvalidParameterException", "Log groups starting with AWS/ are reserved for AWS.")


@rule("logs", "CreateLogGroup TagResource TagLogGroup")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html"""
    if any(key.lower().startswith("aws:") for key in call.parameters.get("tags") or {}):
        raise Refused("InvalidParameterException", "Tag keys cannot start with aws:")


@rule("logs", "CreateLogGroup AssociateKmsKey")
def _key(call: Call) -> None:
    """An enabled key of the region that lets CloudWatch Logs in for the group.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    arn, region = call.parameters.get("kmsKeyId"), call.region
    if not arn:
        return
    if ":key/" not in arn:
        raise Refused("InvalidParameterException", "The specified KMS Key Id could not be found.")
    name = call.parameters.get("logGroupName")
    group = f"arn:aws:logs:{region}:{call.account}:log-group:{name}" if name else call.parameters["resourceIdentifier"]
    key = access.find(arn)
    if key and key["KeyState"] != "Enabled":
        raise Refused("InvalidParameterException", f"The specified KMS key {arn} is not enabled.")
    service, context = f"logs.{region}.amazonaws.com", {"aws:logs:arn": group}
    if not key or not access.lets_in(key, service, _USE, group, context):
        words = f"The specified KMS key does not exist or is not allowed to be used with Arn '{group}'"
        raise Refused("AccessDeniedException", words)


_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@rule("logs", "PutRetentionPolicy")
def _retention(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    if (days := call.parameters["retentionInDays"]) not in _DAYS:
        words = f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
        allowed = ", ".join(map(str, _DAYS))
        raise Refused("InvalidParameterException", f"{words}Member must satisfy enum value set: [{allowed}]")
