"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html, where MiniStack errs."""

from cloud.iam.permissions.checks import Check, Checks, arn, asks, pass_role, tags
from cloud.requests.rules import Call


@asks("cloudtrail", "CreateTrail UpdateTrail")
def _trail(call: Call) -> Checks:
    """The role of the log group is passed:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    """
    name = call.parameters["Name"]
    trail = name if name.startswith("arn:") else arn(call, "cloudtrail", f"trail/{name}")
    yield Check(f"cloudtrail:{call.operation}", trail)
    if given := call.parameters.get("TagsList"):
        yield Check("cloudtrail:AddTags", trail, tags(given), alone=True)
    yield from pass_role(call.parameters.get("CloudWatchLogsRoleArn"), "cloudtrail.amazonaws.com")


@asks("cloudtrail", "AddTags RemoveTags")
def _tagged(call: Call) -> Checks:
    yield Check(f"cloudtrail:{call.operation}", call.parameters["ResourceId"])


@asks("cloudtrail", "ListTags")
def _tags(call: Call) -> Checks:
    for resource in call.parameters["ResourceIdList"]:
        yield Check("cloudtrail:ListTags", resource)
