"""Elastic Load Balancing refuses what AWS refuses, and takes its neighbor."""

import json
import secrets
from typing import Any

import pytest
from helpers.balancing import World
from helpers.emulator import ACCOUNT, REGION, Emulator
from helpers.refusals import filled, refused

ABSENT = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000"
INVALID, CONFIGURATION, ACTION = "ValidationError", "InvalidConfigurationRequest", "InvalidLoadBalancerAction"


BALANCER = {"Name": "web", "Subnets": ["<subnet>", "<second>"], "SecurityGroups": ["<group>"]}
BALANCERS = [
    ({"Name": "x" * 33}, INVALID, "cannot be longer than '32' characters"),
    ({"Name": "web_1"}, INVALID, "can only contain characters that are alphanumeric characters and hyphens(-)"),
    ({"Name": "web-"}, INVALID, "cannot end with a hyphen(-)"),
    ({"Name": "internal-web"}, INVALID, "cannot begin with 'internal-'"),
    ({"Name": "first"}, "DuplicateLoadBalancerName", "first"),
    ({"Subnets": ["<subnet>"]}, INVALID, "At least two subnets in two different Availability Zones must be specified"),
    ({"Subnets": ["<subnet>", "<third>"]}, CONFIGURATION, "multiple subnets in the same Availability Zone"),
    ({"Subnets": ["<subnet>", "subnet-0"]}, "SubnetNotFound", "subnet-0"),
    ({"Subnets": ["<subnet>", "<other-second>"]}, CONFIGURATION, "same VPC"),
    (
        {"Subnets": ["<subnet>", "<small>"]},
        "InvalidSubnet",
        "ELB requires at least 8 free IP addresses in each subnet.",
    ),
    ({"Subnets": ["<other-subnet>", "<other-second>"]}, "InvalidSubnet", "has no internet gateway"),
    ({"SecurityGroups": ["<other-group>"]}, CONFIGURATION, "One or more security groups are invalid"),
    ({"SecurityGroups": ["sg-0"]}, CONFIGURATION, "One or more security groups are invalid"),
    ({"Scheme": "public"}, INVALID, "internet-facing"),
    ({"IpAddressType": "dualstack"}, INVALID, "You must specify subnets with an associated IPv6 CIDR block."),
    ({"SubnetMappings": [{"SubnetId": "<subnet>"}, {"SubnetId": "<second>"}]}, INVALID, "not both"),
    ({"SecurityGroups": ["<group>"] * 6}, CONFIGURATION, "maximum number of security groups"),
    ({"Tags": [{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]}, "DuplicateTagKeys", "a"),
    ({"Tags": [{"Key": "aws:a", "Value": ""}]}, INVALID, "aws:"),
]
ATTRIBUTES = [
    ("load_balancer", "idle_timeout.timeout_seconds", "4001", "'1-4000'"),
    ("load_balancer", "idle_timeout.timeout_seconds", "0", "'1-4000'"),
    ("load_balancer", "idle_timeout.seconds", "60", "is not recognized"),
    ("load_balancer", "deletion_protection.enabled", "yes", "must be 'true' or 'false', but was 'yes'"),
    (
        "load_balancer",
        "routing.http.desync_mitigation_mode",
        "strict",
        "must be one of [defensive, monitor, strictest]",
    ),
    ("target_group", "deregistration_delay.timeout_seconds", "3601", "must be between '0-3600' inclusive"),
    ("target_group", "slow_start.duration_seconds", "10", "slow_start.duration_seconds"),
    ("target_group", "stickiness.duration_seconds", "10", "is not recognized"),
    ("target_group", "stickiness.type", "cookie", "must be one of [app_cookie, lb_cookie"),
]
GROUP = {"Name": "web", "Protocol": "HTTP", "Port": 3000, "VpcId": "<vpc>", "TargetType": "ip"}
GROUPS = [
    ({"Name": "x" * 33}, INVALID, "cannot be longer than '32' characters"),
    ({"Name": "web_1"}, INVALID, "alphanumeric"),
    ({"Name": "-web"}, INVALID, "cannot begin or end with '-'"),
    ({"Name": "first"}, "DuplicateTargetGroupName", "first"),
    ({"VpcId": "vpc-0"}, INVALID, "The VPC ID 'vpc-0' is not found"),
    ({"VpcId": None}, INVALID, "A VPC ID must be specified"),
    ({"Port": None}, INVALID, "A port must be specified"),
    ({"Port": 65536}, INVALID, "less than or equal to 65535"),
    ({"Protocol": "HTTP2"}, INVALID, "enum value set"),
    ({"TargetType": "address"}, INVALID, "enum value set"),
    ({"HealthCheckTimeoutSeconds": 15, "HealthCheckIntervalSeconds": 15}, INVALID, "must be smaller than the interval"),
    ({"HealthCheckIntervalSeconds": 5}, INVALID, "Health check timeout '5' must be smaller than the interval '5'"),
    ({"HealthCheckIntervalSeconds": 301}, INVALID, "less than or equal to 300"),
    ({"HealthyThresholdCount": 11}, INVALID, "less than or equal to 10"),
    ({"HealthCheckPath": "server_info"}, INVALID, "must begin with a '/' character"),
    ({"HealthCheckPort": "traffic_port"}, INVALID, "must be within '1-65535' or 'traffic-port'"),
    ({"HealthCheckProtocol": "TCP"}, INVALID, "Health check protocol 'TCP' must be one of 'HTTP, HTTPS'"),
    ({"HealthCheckEnabled": False}, INVALID, "Health check enabled must be true"),
    ({"Matcher": {"HttpCode": "599"}}, INVALID, "Health check matcher HTTP code '599' must be within '200-499'"),
    ({"Matcher": {"HttpCode": "200;299"}}, INVALID, "200;299"),
    ({"Matcher": {"HttpCode": "299-200"}}, INVALID, "299-200"),
    ({"ProtocolVersion": "HTTP3"}, INVALID, "Protocol version 'HTTP3' must be one of 'GRPC, HTTP1, HTTP2'"),
    ({"TargetType": "lambda"}, INVALID, "A protocol cannot be specified for target groups with target type 'lambda'"),
]
FORWARD = {"Type": "forward", "TargetGroupArn": "<targets>"}
TLS = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": "<certificate>"}]}
LISTENER = {"LoadBalancerArn": "<balancer>", "Protocol": "HTTP", "Port": 81, "DefaultActions": [FORWARD]}


def redirect(**to: str) -> dict[str, Any]:
    """A listener that redirects."""
    return {"DefaultActions": [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"} | to}]}


def forward(targets: str) -> dict[str, Any]:
    """A listener that forwards to a target group."""
    return {"DefaultActions": [{"Type": "forward", "TargetGroupArn": targets}]}


def weighted(*weights: int) -> dict[str, Any]:
    """A listener that forwards to the same target group by weights."""
    groups = [{"TargetGroupArn": "<targets>", "Weight": weight} for weight in weights]
    return {"DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]}


def answer(**more: str) -> dict[str, Any]:
    """A listener that answers itself."""
    return {"DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"} | more}]}


def certified(*arns: str) -> dict[str, Any]:
    """A listener with certificates."""
    return {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": arn} for arn in arns]}


LISTENERS = [
    ({"Port": None}, INVALID, "A listener port must be specified"),
    ({"Protocol": None}, INVALID, "A listener protocol must be specified"),
    ({"Protocol": "TCP"}, INVALID, "Listener protocol 'TCP' must be one of 'HTTP, HTTPS'"),
    ({"Port": 0}, INVALID, "greater than or equal to 1"),
    ({"Port": 8080}, "DuplicateListener", "A listener already exists on this port for this load balancer"),
    ({"Protocol": "HTTPS"}, INVALID, "A certificate must be specified for HTTPS listeners"),
    ({"Certificates": TLS["Certificates"]}, INVALID, "A certificate cannot be specified for HTTP listeners"),
    ({"SslPolicy": "ELBSecurityPolicy-2016-08"}, INVALID, "An SSL policy cannot be specified for HTTP listeners"),
    (certified(ABSENT), "CertificateNotFound", f"Certificate '{ABSENT}' not found"),
    (certified(ABSENT.replace(REGION, "us-west-2")), INVALID, "is not valid"),
    (certified(ABSENT.replace(ACCOUNT, "999900001111")), INVALID, "is not valid"),
    (certified(f"arn:aws:iam::{ACCOUNT}:server-certificate/web"), "CertificateNotFound", "not found"),
    (certified("<requested>"), "UnsupportedCertificate", "must have a fully-qualified domain name"),
    (certified("<certificate>", ABSENT), "TooManyCertificates", "Up to '1' certificate ARNs can be specified"),
    (TLS | {"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021"}, "SSLPolicyNotFound", "Res-2021' not found"),
    (forward("<targets>0"), "TargetGroupNotFound", "One or more target groups not found"),
    (forward("web"), INVALID, "'web' is not a valid target group ARN"),
    (weighted(1000), INVALID, "weight must be between '0' and '999'"),
    (weighted(), INVALID, "you must specify the following fields: 'TargetGroupArn'"),
    (weighted(1, 1), INVALID, "unique"),
    ({"AlpnPolicy": ["HTTP2Only"]}, INVALID, "ALPN"),
    (forward("<other-targets>"), CONFIGURATION, "are in a different VPC than load balancer"),
    (forward("<tcp>"), "IncompatibleProtocols", "have incompatible protocols"),
    (forward("<taken>"), "TargetGroupAssociationLimit", "cannot be associated with more than one load balancer"),
    ({"DefaultActions": []}, INVALID, "action"),
    ({"DefaultActions": [{"Type": "forward"}]}, INVALID, "you must specify the following fields: 'TargetGroupArn'"),
    ({"DefaultActions": [{"Type": "forwards"}]}, INVALID, "enum value set"),
    ({"DefaultActions": [FORWARD, FORWARD]}, INVALID, "you must specify an order for each action"),
    (
        {"DefaultActions": [FORWARD | {"Order": 1}, FORWARD | {"Order": 2}]},
        INVALID,
        "must have a higher order than all",
    ),
    (redirect(), ACTION, "creates a loop"),
    (redirect(Port="https"), ACTION, "The Port parameter must be either an integer between 1 and 65535"),
    (redirect(Path="new"), ACTION, "should start with a '/'"),
    (redirect(Protocol="HTTP", Host="x.example.com") | TLS, ACTION, "You cannot redirect HTTPS to HTTP."),
    (redirect(Protocol="HTTPS", StatusCode="HTTP_307"), INVALID, "enum value set: [HTTP_301, HTTP_302]"),
    (answer(ContentType="text"), ACTION, "The ContentType must be one of:'text/html'"),
    (answer(StatusCode="301"), INVALID, "regular expression pattern"),
]


def wanted(base: dict[str, Any], changed: dict[str, Any], world: World) -> dict[str, Any]:
    """A request, without what is None."""
    return filled({name: value for name, value in (base | changed).items() if value is not None}, world.names)


@pytest.mark.parametrize(("changed", "code", "words"), BALANCERS)
def test_a_wrong_balancer_is_refused(world: World, changed: dict[str, Any], code: str, words: str) -> None:
    refused(world.elb, "create_load_balancer", wanted(BALANCER, changed, world), code, words)


@pytest.mark.parametrize(("changed", "code", "words"), GROUPS)
def test_a_wrong_target_group_is_refused(world: World, changed: dict[str, Any], code: str, words: str) -> None:
    refused(world.elb, "create_target_group", wanted(GROUP, changed, world), code, words)


@pytest.mark.parametrize(("changed", "code", "words"), LISTENERS)
def test_a_wrong_listener_is_refused(world: World, changed: dict[str, Any], code: str, words: str) -> None:
    refused(world.elb, "create_listener", wanted(LISTENER, changed, world), code, words)


@pytest.mark.parametrize(("what", "key", "value", "words"), ATTRIBUTES)
def test_a_wrong_attribute_is_refused(world: World, what: str, key: str, value: str, words: str) -> None:
    of = {"load_balancer": {"LoadBalancerArn": world.balancer}, "target_group": {"TargetGroupArn": world.group}}
    request = of[what] | {"Attributes": [{"Key": key, "Value": value}]}
    refused(world.elb, f"modify_{what}_attributes", request, INVALID, words)
    twice = of[what] | {"Attributes": request["Attributes"] * 2}
    refused(world.elb, f"modify_{what}_attributes", twice, INVALID, f"'{key}' has been specified more than once")


def test_what_the_program_asks_for_is_taken(world: World) -> None:
    names = {"Name": f"w-{secrets.token_hex(4)}"}
    made = world.elb.create_load_balancer(**wanted(BALANCER, names, world))["LoadBalancers"][0]["LoadBalancerArn"]
    health = {"HealthCheckPath": "/server_info", "HealthCheckIntervalSeconds": 15, "HealthCheckTimeoutSeconds": 10}
    group = world.elb.create_target_group(**wanted(GROUP, names | health | {"Matcher": {"HttpCode": "200"}}, world))
    own = {"LoadBalancerArn": made} | forward(group["TargetGroups"][0]["TargetGroupArn"])
    policy = {"Port": 443, "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}
    https = world.elb.create_listener(**wanted(LISTENER, own | TLS | policy, world))["Listeners"][0]["ListenerArn"]
    to_https = redirect(Protocol="HTTPS", Port="443")
    http = world.elb.create_listener(**wanted(LISTENER, own | to_https, world))["Listeners"][0]["ListenerArn"]
    for seconds in ("1", "4000"):
        attribute = {"Key": "idle_timeout.timeout_seconds", "Value": seconds}
        world.elb.modify_load_balancer_attributes(LoadBalancerArn=made, Attributes=[attribute])
    world.elb.modify_listener(ListenerArn=http, Port=81)
    refused(world.elb, "modify_listener", {"ListenerArn": http, "Port": 443}, "DuplicateListener", "already exists")
    unknown = {"ListenerArn": https, "SslPolicy": "ELBSecurityPolicy-None"}
    refused(world.elb, "modify_listener", unknown, "SSLPolicyNotFound", "not found")
    world.elb.modify_listener(ListenerArn=https, SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09")


def test_a_change_is_judged_with_what_is_there(world: World) -> None:
    longer = {"TargetGroupArn": world.group, "HealthCheckTimeoutSeconds": 30}
    refused(world.elb, "modify_target_group", longer, INVALID, "'30' must be smaller than the interval '30'")
    world.elb.modify_target_group(**longer | {"HealthCheckIntervalSeconds": 31})
    one = {"LoadBalancerArn": world.balancer, "Subnets": world.net.subnets[:1]}
    refused(world.elb, "set_subnets", one, INVALID, "At least two subnets")
    foreign = {"LoadBalancerArn": world.balancer, "SecurityGroups": [world.names["other-group"]]}
    refused(world.elb, "set_security_groups", foreign, CONFIGURATION, "One or more security groups are invalid")


def test_targets_are_addresses_of_the_vpc_or_private_ones_elsewhere(world: World) -> None:
    def request(**target: Any) -> dict[str, Any]:
        return {"TargetGroupArn": world.group, "Targets": [target]}

    refused(world.elb, "register_targets", request(Id="198.51.100.7"), "InvalidTarget", "198.51.100.7")
    refused(world.elb, "register_targets", request(Id="192.168.1.7"), INVALID, "Availability Zone of 'all'")
    refused(world.elb, "register_targets", request(Id="i-0123"), INVALID, "is not a valid IPv4 address")
    world.elb.register_targets(**request(Id=f"{world.net.block}.0.9"))
    world.elb.register_targets(**request(Id="192.168.1.7", AvailabilityZone="all"))


def test_access_logs_need_a_bucket_that_takes_them(aws: Emulator, world: World) -> None:
    s3, bucket = aws.client("s3"), f"b-{secrets.token_hex(4)}"
    key = "access_logs.s3"

    def request(name: str) -> dict[str, Any]:
        attributes = [{"Key": f"{key}.enabled", "Value": "true"}, {"Key": f"{key}.bucket", "Value": name}]
        return {"LoadBalancerArn": world.balancer, "Attributes": attributes if name else attributes[:1]}

    operation = "modify_load_balancer_attributes"
    refused(world.elb, operation, request(""), CONFIGURATION, "The key 'access_logs.s3.bucket' must set in order to")
    refused(world.elb, operation, request(bucket), CONFIGURATION, f"Access Denied for bucket: {bucket}.")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    refused(world.elb, operation, request(bucket), CONFIGURATION, "Please check S3bucket permission")
    principal = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    world.elb.modify_load_balancer_attributes(**request(bucket))


def test_a_protected_balancer_and_a_group_in_use_are_kept(world: World) -> None:
    def protect(value: str) -> None:
        attribute = {"Key": "deletion_protection.enabled", "Value": value}
        world.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])

    name = f"k-{secrets.token_hex(4)}"
    balancer, group = world.make_balancer(name), world.make_group(name, world.net.vpc)
    world.listen(balancer, **forward(group))
    protect("true")
    refused(world.elb, "delete_load_balancer", {"LoadBalancerArn": balancer}, "OperationNotPermitted", "protection")
    refused(world.elb, "delete_target_group", {"TargetGroupArn": group}, "ResourceInUse", "currently in use by a")
    refused(world.net.ec2, "delete_security_group", {"GroupId": world.net.group}, "DependencyViolation", "dependent")
    protect("false")
    world.elb.delete_load_balancer(LoadBalancerArn=balancer)
    world.elb.delete_target_group(TargetGroupArn=group)
