"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html,
list_amazoncloudwatchlogs.html and list_awsapplicationautoscaling.html.
"""

from cloud.iam.permissions.checks import Check, Checks, arn, asks, pass_role, service_linked_role, tags
from cloud.requests.rules import Call

_SCALING = {
    "ecs:service:DesiredCount": (
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    ),
}


@asks("logs", "CreateLogGroup")
def _group(call: Call) -> Checks:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html: tags take
    TagResource as well"""
    resource = arn(call, "logs", f"log-group:{call.parameters['logGroupName']}")
    yield Check("logs:CreateLogGroup", resource)
    if given := call.parameters.get("tags"):
        entries = [{"Key": key, "Value": value} for key, value in given.items()]
        yield Check("logs:TagResource", resource, tags(entries), alone=True)


@asks("s3", "PutBucketReplication")
def _replication(call: Call) -> Checks:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html"""
    yield Check("s3:PutReplicationConfiguration", f"arn:aws:s3:::{call.parameters['Bucket']}")
    yield from pass_role(call.parameters["ReplicationConfiguration"].get("Role"), "s3.amazonaws.com")


def _scaled(call: Call) -> dict[str, str]:
    asked = call.parameters
    return {
        "application-autoscaling:service-namespace": asked["ServiceNamespace"],
        "application-autoscaling:scalable-dimension": asked["ScalableDimension"],
    }


@asks(
    "application-autoscaling",
    "DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget",
)
def _scaling(call: Call) -> Checks:
    """https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html: who
    sets a policy needs the permissions of its alarms and of the service.
    """
    target = arn(call, "application-autoscaling", "scalable-target/*")
    yield Check(f"application-autoscaling:{call.operation}", target, _scaled(call))
    if given := call.parameters.get("Tags"):
        entries = [{"Key": key, "Value": value} for key, value in given.items()]
        yield Check("application-autoscaling:TagResource", target, tags(entries), alone=True)
    service = arn(call, "ecs", call.parameters["ResourceId"])
    if call.operation == "RegisterScalableTarget":
        yield from service_linked_role(call, *_SCALING[call.parameters["ScalableDimension"]])
        yield Check("ecs:DescribeServices", service, alone=True)
    if call.operation.endswith("ScalingPolicy"):
        alarm = arn(call, "cloudwatch", f"alarm:TargetTracking-{call.parameters['ResourceId']}-*")
        yield Check("cloudwatch:DescribeAlarms", alarm, alone=True)
        change = "PutMetricAlarm" if call.operation.startswith("Put") else "DeleteAlarms"
        yield Check(f"cloudwatch:{change}", alarm, alone=True)


@asks("application-autoscaling", "ListTagsForResource TagResource UntagResource")
def _tagging(call: Call) -> Checks:
    yield Check(f"application-autoscaling:{call.operation}", call.parameters["ResourceARN"])


@asks("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies")
def _reading(call: Call) -> Checks:
    yield Check(f"application-autoscaling:{call.operation}", "*")
