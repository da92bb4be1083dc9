"""Log groups, and the metric filters on them."""

from ministack.services import cloudwatch_logs

from cloud.kms import access
from cloud.logs import patterns, values
from cloud.logs.expressions import MalformedError
from cloud.logs.extraction import Pattern
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {cloudwatch_logs: "_metric_filters"}

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


@rule("logs", "PutMetricFilter TestMetricFilter PutSubscriptionFilter")
def _pattern(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"""
    source = call.parameters["filterPattern"]
    try:
        pattern = patterns.read(source)
    except MalformedError as error:
        raise Refused("InvalidParameterException", str(error)) from error
    if source.strip()[:1] in ("{", "[") and pattern.regexes > 2:
        raise Refused(
            "InvalidParameterException", "Invalid filter pattern: a pattern has up to two regular expressions"
        )


@rule("logs", "PutMetricFilter")
def _transformation(call: Call) -> None:
    """What becomes of an event: a number or a field of it, with up to three dimensions that are fields, or a default.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
    """
    pattern = patterns.read(call.parameters["filterPattern"])
    for each in call.parameters["metricTransformations"]:
        dimensions = each.get("dimensions") or {}
        wrong = ""
        if dimensions and "defaultValue" in each:
            wrong = "dimensions and default value are mutually exclusive properties"
        elif len(dimensions) > 3:
            wrong = "a metric has up to three dimensions"
        elif not all(value.startswith("$") and len(value) > 1 for value in dimensions.values()):
            wrong = "dimension value must be valid selector"
        elif dimensions and not pattern.selectors:
            wrong = "dimensions need a pattern on JSON or on fields"
        elif not each["metricValue"].startswith("$") and values.number(each["metricValue"]) is None:
            wrong = f"metric value {each['metricValue']} must be a valid number"
        if wrong:
            raise Refused("InvalidParameterException", f"Invalid metric transformation: {wrong}")


@rule("logs", "PutMetricFilter")
def _quotas(call: Call) -> None:
    """A hundred filters for a group, five of them with regular expressions.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    """
    group, name = call.parameters["logGroupName"], call.parameters["filterName"]
    others = [found for key, found in cloudwatch_logs._metric_filters.items() if key[0] == group and key[1] != name]
    given: list[Pattern] = [patterns.read(each["filterPattern"]) for each in others]
    new = patterns.read(call.parameters["filterPattern"])
    if len(others) >= 100 or (new.regexes and sum(each.regexes > 0 for each in given) >= 5):
        raise Refused("LimitExceededException", "Resource limit exceeded.")
