"""Flow logs."""

import re

from ministack.services import ec2

from cloud.ec2.existing import check
from cloud.iam import trust
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_flow_logs",
}

_SERVICE = "vpc-flow-logs.amazonaws.com"
_CLOUDWATCH = "cloud-watch-logs"
_SERVICES = {_CLOUDWATCH: "logs", "s3": "s3", "kinesis-data-firehose": "firehose"}
_PREFIXES = {"VPC": "vpc-", "Subnet": "subnet-", "NetworkInterface": "eni-", "TransitGateway": "tgw-"}
# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
_FIELDS = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    "log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type "
    "sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path ecs-cluster-arn "
    "ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id "
    "ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id encryption-status"
)


@rule("ec2", "CreateFlowLogs")
def _members(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html"""
    given = call.parameters
    transit = given["ResourceType"].startswith("TransitGateway")
    prefix = _PREFIXES.get(given["ResourceType"], "")
    for name in given["ResourceIds"]:
        if not name.startswith(prefix):
            kind = given["ResourceType"]
            raise Refused(f"Invalid{kind}Id.Malformed", f'Invalid id: "{name}" (expecting "{prefix}...")')
        check(name)
    if not given.get("TrafficType") and not transit:
        raise Refused("MissingParameter", "The request must contain the parameter TrafficType")
    if given.get("MaxAggregationInterval", 600) not in (60, 600):
        raise Refused("InvalidParameter", "Invalid Flow Log Max Aggregation Interval.")
    known = given.get("LogFormat") if not transit else None
    if known and not re.fullmatch(r"\$\{[^}]*\}( \$\{[^}]*\})*", known):
        raise Refused("InvalidParameter", f"Unknown fields provided: '{known}'")
    unknown = [each for each in re.findall(r"\$\{([^}]*)\}", known or "") if each not in _FIELDS.split()]
    if unknown:
        raise Refused("InvalidParameter", f"Unknown fields provided: {', '.join(repr(each) for each in unknown)}")


@rule("ec2", "CreateFlowLogs")
def _destination(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html, LogDestination."""
    given = call.parameters
    kind, group, where = (given.get(each) for each in ("LogDestinationType", "LogGroupName", "LogDestination"))
    if group and where:
        raise Refused("InvalidParameter", "Please only provide LogGroupName or only provide LogDestination.")
    if group and (kind or _CLOUDWATCH) != _CLOUDWATCH:
        words = "LogDestinationType type must be cloud-watch-logs if LogGroupName is provided."
        raise Refused("InvalidParameter", words)
    if not group and not where:
        raise Refused("InvalidParameter", "LogDestination can't be empty if LogGroupName is not provided.")
    if where and not re.match(rf"arn:[\w-]+:{_SERVICES.get(kind or _CLOUDWATCH)}:", where):
        raise Refused("InvalidParameter", f"LogDestination: {where} is not valid for {kind or _CLOUDWATCH}.")
    if (kind or _CLOUDWATCH) != _CLOUDWATCH:
        return
    if not (role := given.get("DeliverLogsPermissionArn")):
        words = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."
        raise Refused("InvalidParameter", words)
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    source = f"arn:aws:ec2:{call.region}:{call.account}:vpc-flow-log/fl-0"
    if not trust.assumable(role, _SERVICE, call.region, source):
        raise Refused("InvalidParameter", f"Unable to assume given IAM role: '{role}'")


@rule("ec2", "CreateFlowLogs")
def _another(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, FlowLogAlreadyExists."""
    given = call.parameters
    for each in ec2._flow_logs.values():
        names = _group(each["LogDestination"]), each["TrafficType"]
        wanted = _group(given.get("LogDestination") or given.get("LogGroupName") or ""), given.get("TrafficType")
        if each["ResourceId"] in given["ResourceIds"] and names == wanted:
            words = "Error. There is an existing Flow Log with the same configuration and log destination."
            raise Refused("FlowLogAlreadyExists", words)


def _group(destination: str) -> str:
    """A log group by its name, also where it is given by its ARN."""
    return (destination.partition(":log-group:")[2] or destination).removesuffix(":*")
