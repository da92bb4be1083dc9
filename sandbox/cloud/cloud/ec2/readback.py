"""Keep what flow logs and VPC endpoints are made with.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html and
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html. MiniStack forgets the role, the interval
and the format of a flow log, and an endpoint's security groups, policy and private DNS, so that a second preview would
show changes that AWS would not.
"""

from datetime import UTC, datetime
from typing import Any

from ministack.services import ec2

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ec2: ("_VPCE_INTERFACE_SERVICES _flow_logs _p _parse_member_list _parse_tag_specs _security_groups _vpc_endpoints"),
}

_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
# What is kept with a flow log and an endpoint, and shown by ec2.answers.
FLOW_LOG = ("DeliverLogsPermissionArn", "LogFormat", "MaxAggregationInterval")
ENDPOINT = ("CreationTimestamp", "IpAddressType", "PolicyDocument", "PrivateDnsEnabled")
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
_OPEN_POLICY = '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_SERVICES = ("ecs", "ecs-agent", "ecs-telemetry", "elasticloadbalancing", "rds", "s3")


def install() -> None:
    """Record the settings at creation and change, and render them."""
    ec2._VPCE_INTERFACE_SERVICES += tuple(name for name in _SERVICES if name not in ec2._VPCE_INTERFACE_SERVICES)
    patch.wrap_operation(ec2, "CreateFlowLogs", _create_flow_logs)
    patch.wrap_operation(ec2, "CreateVpcEndpoint", _create_endpoint)
    patch.wrap_operation(ec2, "ModifyVpcEndpoint", _modify_endpoint)


def _create_flow_logs(old: Any, p: dict) -> Any:
    before = set(ec2._flow_logs)
    response = old(p)
    for name in set(ec2._flow_logs) - before:
        ec2._flow_logs[name] |= {
            "DeliverLogsPermissionArn": ec2._p(p, "DeliverLogsPermissionArn"),
            "MaxAggregationInterval": int(ec2._p(p, "MaxAggregationInterval") or "600"),
            "LogFormat": ec2._p(p, "LogFormat") or _FORMAT,
        }
        ec2._parse_tag_specs(p, "vpc-flow-log", name)
    return response


def _create_endpoint(old: Any, p: dict) -> Any:
    status, headers, body = old(p)
    name = ec2._p(p, "VpcEndpointId") or body.decode().partition("<vpcEndpointId>")[2].partition("<")[0]
    endpoint = ec2._vpc_endpoints.get(name)
    if status != 200 or endpoint is None:
        return status, headers, body
    interface = endpoint["VpcEndpointType"] == "Interface"
    groups = ec2._parse_member_list(p, "SecurityGroupId")
    if interface and not groups:
        groups = [
            group["GroupId"]
            for group in ec2._security_groups.values()
            if group.get("VpcId") == endpoint["VpcId"] and group.get("GroupName") == "default"
        ]
    endpoint |= {
        "Groups": groups,
        "PrivateDnsEnabled": interface and ec2._p(p, "PrivateDnsEnabled") != "false",
        "PolicyDocument": ec2._p(p, "PolicyDocument") or _OPEN_POLICY,
        "IpAddressType": ec2._p(p, "IpAddressType") or "ipv4",
        "CreationTimestamp": datetime.now(UTC).isoformat(),
    }
    ec2._vpc_endpoints[name] = endpoint
    return status, headers, body


def _modify_endpoint(old: Any, p: dict) -> Any:
    response = old(p)
    endpoint = ec2._vpc_endpoints.get(ec2._p(p, "VpcEndpointId"))
    if response[0] != 200 or endpoint is None:
        return response
    removed = ec2._parse_member_list(p, "RemoveSecurityGroupId")
    groups = [group for group in endpoint.get("Groups", []) if group not in removed]
    groups += [group for group in ec2._parse_member_list(p, "AddSecurityGroupId") if group not in groups]
    endpoint["Groups"] = groups
    if value := ec2._p(p, "PrivateDnsEnabled"):
        endpoint["PrivateDnsEnabled"] = value == "true"
    if ec2._p(p, "ResetPolicy") == "true":
        endpoint["PolicyDocument"] = _OPEN_POLICY
    if value := ec2._p(p, "IpAddressType"):
        endpoint["IpAddressType"] = value
    return response
