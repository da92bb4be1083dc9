"""Keep what flow logs, VPC endpoints and rules of security groups are made with.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html and
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html. MiniStack forgets the role, the
interval and the format of a flow log, an endpoint's security groups, policy and private DNS, and the prefix
list of a rule, so that a second preview would show changes that AWS would not. And it takes the ports of a rule for
all protocols for a part of it, so that the default egress rule stays whoever revokes it.
"""

from datetime import UTC, datetime
from typing import Any

from ministack.services import ec2

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ec2: (
        "_VPCE_INTERFACE_SERVICES _flow_logs _p _parse_member_list _parse_tag_specs _security_groups "
        "_sg_rule_id _vpc_endpoints"
    ),
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
    patch.wrap(ec2, "_parse_ip_permissions", _permissions, "params prefix")
    patch.wrap(ec2, "_sg_rule_xml", _rule_xml, "sg_id rule is_egress")


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


def _permissions(old: Any, params: dict, prefix: str) -> list[dict[str, Any]]:
    rules = old(params, prefix)
    for number, rule in enumerate(rules, start=1):
        if rule["IpProtocol"] == "-1":  # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
            rule.pop("FromPort", None)
            rule.pop("ToPort", None)
        while name := ec2._p(params, f"{prefix}.{number}.PrefixListIds.{len(rule['PrefixListIds']) + 1}.PrefixListId"):
            field = f"{prefix}.{number}.PrefixListIds.{len(rule['PrefixListIds']) + 1}.Description"
            description = ec2._p(params, field)
            rule["PrefixListIds"].append({"PrefixListId": name} | ({"Description": description} if description else {}))
    return rules


def _rule_xml(old: Any, sg_id: str, rule: dict[str, Any], is_egress: bool = False) -> str:
    lists = [found["PrefixListId"] for found in rule.get("PrefixListIds", []) if isinstance(found, dict)]
    if not lists:
        return old(sg_id, rule, is_egress)
    others = any(rule.get(kind) for kind in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs"))
    text = old(sg_id, rule, is_egress) if others else ""
    # Rendered as ranges, which only differ by the element's name.
    ranges = rule | {
        "IpRanges": [{"CidrIp": name} for name in lists],
        "Ipv6Ranges": [],
        "UserIdGroupPairs": [],
        "SecurityGroupRuleId": ec2._sg_rule_id(sg_id, is_egress, rule),
    }
    return text + old(sg_id, ranges, is_egress).replace("cidrIpv4>", "prefixListId>")
