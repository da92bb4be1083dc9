"""Load balancers and their attributes."""

import json
import re
from collections import Counter
from typing import Any

from ministack.services import alb, ec2, s3

from cloud.ec2 import interfaces
from cloud.ec2.existing import gateway_of, network
from cloud.elb import access_logs
from cloud.requests.rules import Call, Refused, rule
from cloud.s3 import delivery

# What this module uses of MiniStack.
NEEDS = {
    alb: "_lb_attrs _lbs",
    ec2: "_security_groups _subnets",
    s3: "_bucket_policies",
}

_ADDRESSES = 8
_GROUPS = 5
_RESERVED = 5  # https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html


@rule("elbv2", "CreateLoadBalancer")
def _name(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html, Name."""
    name = call.parameters["Name"]
    problem = ""
    if len(name) > 32:
        problem = "cannot be longer than '32' characters"
    elif not re.fullmatch("[A-Za-z0-9-]+", name):
        problem = "can only contain characters that are alphanumeric characters and hyphens(-)"
    elif name.startswith("-"):
        problem = "cannot begin with a hyphen(-)"
    elif name.endswith("-"):
        problem = "cannot end with a hyphen(-)"
    elif name.startswith("internal-"):
        problem = "cannot begin with 'internal-'"
    if problem:
        raise Refused("ValidationError", f"The load balancer name '{name}' {problem}")


@rule("elbv2", "CreateLoadBalancer SetSubnets")
def _subnets(call: Call) -> None:
    """Two zones, one subnet in each, eight free addresses: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#availability-zones."""
    given, mapped = call.parameters.get("Subnets") or [], call.parameters.get("SubnetMappings") or []
    if call.parameters.get("Type", "application") != "application":
        return
    balancer = alb._lbs.get(call.parameters.get("LoadBalancerArn"))
    names = given or [each.get("SubnetId") for each in mapped]
    found = [ec2._subnets.get(name) for name in names]
    for name, subnet in zip(names, found, strict=True):
        if subnet is None:
            raise Refused("SubnetNotFound", f"The subnet ID '{name}' does not exist")
    subnets = [subnet for subnet in found if subnet]
    zones = {subnet["AvailabilityZone"] for subnet in subnets}
    if len(zones) < len(subnets):
        words = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        raise Refused("InvalidConfigurationRequest", words)
    if len(zones) < 2:
        words = "At least two subnets in two different Availability Zones must be specified"
        raise Refused("ValidationError", words)
    vpcs = {subnet["VpcId"] for subnet in subnets} | ({balancer["VpcId"]} if balancer else set())
    if len(vpcs) > 1:
        raise Refused("InvalidConfigurationRequest", "The subnets must be in the same VPC")
    scheme = balancer["Scheme"] if balancer else call.parameters.get("Scheme", "internet-facing")
    if scheme == "internet-facing" and gateway_of(subnets[0]["VpcId"]) is None:
        raise Refused("InvalidSubnet", f"VPC {subnets[0]['VpcId']} has no internet gateway")
    used = Counter(each.subnet for each in interfaces.held())
    for subnet in subnets:
        name, size = subnet["SubnetId"], network(subnet["CidrBlock"], "cidrBlock").num_addresses
        own = balancer is not None and name in balancer["Subnets"]
        if not own and size - _RESERVED - used[name] < _ADDRESSES:
            words = f"ELB requires at least {_ADDRESSES} free IP addresses in each subnet."
            raise Refused("InvalidSubnet", f"Not enough IP space available in {name}. {words}")


@rule("elbv2", "CreateLoadBalancer SetSubnets")
def _one_form(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html, Subnets"""
    if call.parameters.get("Subnets") and call.parameters.get("SubnetMappings"):
        raise Refused("ValidationError", "You must specify either subnets or subnet mappings, not both")


@rule("elbv2", "CreateLoadBalancer SetIpAddressType")
def _address_type(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetIpAddressType.html"""
    balancer = alb._lbs.get(call.parameters.get("LoadBalancerArn")) or {}
    mapped = [each.get("SubnetId") for each in call.parameters.get("SubnetMappings") or []]
    names = balancer.get("Subnets") or call.parameters.get("Subnets") or mapped
    found = [ec2._subnets.get(name) or {} for name in names]
    if call.parameters.get("IpAddressType", "ipv4") != "ipv4" and not all(
        each.get("Ipv6CidrBlockAssociationSet") for each in found
    ):
        raise Refused("ValidationError", "You must specify subnets with an associated IPv6 CIDR block.")


@rule("elbv2", "SetSecurityGroups")
def _one_group(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html"""
    if not call.parameters["SecurityGroups"]:
        raise Refused("ValidationError", "At least one security group must be specified")


@rule("elbv2", "CreateLoadBalancer SetSecurityGroups")
def _groups(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html"""
    if balancer := alb._lbs.get(call.parameters.get("LoadBalancerArn")):
        vpc = balancer["VpcId"]
    else:
        mapped = [each.get("SubnetId") for each in call.parameters.get("SubnetMappings") or []]
        vpc = ec2._subnets.get((call.parameters.get("Subnets") or mapped or [""])[0], {}).get("VpcId")
    if len(call.parameters.get("SecurityGroups") or []) > _GROUPS:
        words = "The maximum number of security groups per load balancer has been reached"
        raise Refused("InvalidConfigurationRequest", words)
    for name in call.parameters.get("SecurityGroups") or []:
        group = ec2._security_groups.get(name)
        if group is None or vpc and group["VpcId"] != vpc:
            raise Refused("InvalidConfigurationRequest", "One or more security groups are invalid")


@rule("elbv2", "ModifyLoadBalancerAttributes")
def _log_bucket(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""
    before = {each["Key"]: each["Value"] for each in alb._lb_attrs.get(call.parameters["LoadBalancerArn"]) or []}
    now = before | {each.get("Key"): each.get("Value") for each in call.parameters["Attributes"]}
    for kind in ("access_logs", "connection_logs", "health_check_logs"):
        if now.get(f"{kind}.s3.enabled") != "true":
            continue
        if not (bucket := now.get(f"{kind}.s3.bucket")):
            words = f"The key '{kind}.s3.bucket' must set in order to enable {kind.replace('_', ' ')}"
            raise Refused("InvalidConfigurationRequest", words)
        arn, prefix = call.parameters["LoadBalancerArn"], now.get(f"{kind}.s3.prefix", "")
        probe = f"{access_logs.folder(prefix, call.account)}ELBAccessLogTestFile"
        admitted = delivery.lets_in(bucket, access_logs.SERVICE, arn, "s3:PutObject", probe)
        if not admitted and not _admits_account(s3._bucket_policies.get(bucket)):
            words = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
            raise Refused("InvalidConfigurationRequest", words)


def _admits_account(policy: Any) -> bool:
    """Whether an account may put objects: in older regions one of AWS's writes for whoever has the policy of before."""
    text = policy.decode() if isinstance(policy, bytes) else policy
    statements = json.loads(text)["Statement"] if text else []
    for each in statements if isinstance(statements, list) else [statements]:
        actions, principal = each.get("Action") or [], each.get("Principal")
        named = principal == "*" or isinstance(principal, dict) and "AWS" in principal
        wanted = {"s3:PutObject", "s3:*", "*"} & set([actions] if isinstance(actions, str) else actions)
        if each["Effect"] == "Allow" and named and wanted:
            return True
    return False


@rule("elbv2", "DeleteLoadBalancer")
def _protected(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html"""
    arn = call.parameters["LoadBalancerArn"]
    if {"Key": "deletion_protection.enabled", "Value": "true"} in (alb._lb_attrs.get(arn) or []):
        reason = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        raise Refused("OperationNotPermitted", reason)


@rule("elbv2", "CreateLoadBalancer CreateTargetGroup CreateListener CreateRule AddTags")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html"""
    given = call.parameters.get("Tags") or []
    for key, count in Counter(each.get("Key") for each in given).items():
        if count > 1:
            raise Refused("DuplicateTagKeys", f"Tag key was specified more than once: {key}")
        if str(key).lower().startswith("aws:"):
            raise Refused("ValidationError", "The tag key cannot begin with the reserved prefix 'aws:'")
    if len(given) > 50:
        words = "The quota for the number of tags that can be assigned to a load balancer has been reached"
        raise Refused("TooManyTags", words)
