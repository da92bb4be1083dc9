"""Elastic Load Balancing refuses what AWS refuses, and takes its neighbour."""

import json
import secrets
import urllib.request
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator
from helpers.refusals import client, filled, refused
from helpers.topology import ZONES, Network

ABSENT = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000"
INVALID, CONFIGURATION, ACTION = "ValidationError", "InvalidConfigurationRequest", "InvalidLoadBalancerAction"


def certificate(aws: Emulator) -> str:
    """A certificate that the account has."""
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{secrets.token_hex(8)}"
    path = f"/_sandbox/certificate?arn={arn}&domain=dagster.example.com"
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{aws.port}{path}", method="POST")).close()
    return arn


class World:
    """A network with a load balancer, a target group and a certificate, and another network."""

    def __init__(self, aws: Emulator) -> None:
        self.elb, self.net, other = client(aws, "elbv2"), Network(aws), Network(aws, gateway=False)
        self.balancer = self.make_balancer("first")
        self.group = self.make_group("first", self.net.vpc)
        self.certificate = certificate(aws)
        self.names = (
            self.net.names()
            | other.names("other-")
            | {
                "third": self.net.subnet(3),
                "small": self.net.subnet(4, ZONES[1], 28),
                "balancer": self.balancer,
                "targets": self.group,
                "other-targets": self.make_group("other", other.vpc),
                "tcp": self.make_group("tcp", self.net.vpc, Protocol="TCP"),
                "taken": self.make_group("taken", self.net.vpc),
                "certificate": self.certificate,
                "requested": client(aws, "acm").request_certificate(DomainName="example.com")["CertificateArn"],
            }
        )
        second = self.make_balancer("second")
        self.listen(second, DefaultActions=[{"Type": "forward", "TargetGroupArn": self.names["taken"]}])
        for _ in range(4):  # of the 11 addresses of a /28
            self.net.ec2.create_network_interface(SubnetId=self.names["small"])
        self.listener = self.listen(self.balancer, Port=8080)

    def make_balancer(self, name: str) -> str:
        """A balancer."""
        given = {"Name": name, "Subnets": self.net.subnets, "SecurityGroups": [self.net.group], "Scheme": "internal"}
        return str(self.elb.create_load_balancer(**given)["LoadBalancers"][0]["LoadBalancerArn"])

    def make_group(self, name: str, vpc: str, **more: Any) -> str:
        """A target group."""
        given = {"Name": name, "Protocol": "HTTP", "Port": 3000, "VpcId": vpc, "TargetType": "ip"} | more
        return str(self.elb.create_target_group(**given)["TargetGroups"][0]["TargetGroupArn"])

    def listen(self, balancer: str, **more: Any) -> str:
        """A listener."""
        forward = [{"Type": "forward", "TargetGroupArn": self.group}]
        given = {"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward} | more
        return str(self.elb.create_listener(**given)["Listeners"][0]["ListenerArn"])


@pytest.fixture(scope="module")
def world(aws: Emulator) -> World:
    return World(aws)


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
    ({"SslPolicy": "ELBSecurityPolicy-2016-08"}, INVALID, "An SSL policy cannot be specifed for HTTP listeners"),
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
PATH = {"Field": "path-pattern", "Values": ["/x"]}
CONDITIONS = [
    ([], "A condition must be specified"),
    ([{"Field": "path", "Values": ["/x"]}], "Condition field 'path' must be one of '[path-pattern,host-header,"),
    ([PATH | {"Values": []}], "A condition value must be specified"),
    ([PATH | {"Values": ["/" + "x" * 128]}], "The 'path-pattern' value is too long; the limit is '128'"),
    ([PATH | {"Values": ["/a b"]}], "The 'path-pattern' value '/a b' is invalid"),
    ([PATH | {"Values": [f"/{n}" for n in range(6)]}], "A rule can only have '5' condition values"),
    ([PATH, PATH], "You can only specify one 'path-pattern' condition per rule"),
    ([{"Field": "http-header", "Values": ["x"]}], "The 'Values' field is not compatible with 'http-header'"),
    (
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.1"]}}],
        "The 'source-ip' value '10.0.0.1' is invalid",
    ),
    ([{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}}], "'get' is invalid"),
    ([{"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a"}]}}], "A 'Value' must be specified"),
    (
        [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "Host", "Values": ["x"]}}],
        "The 'HttpHeaderName' value is invalid",
    ),
]
GONE = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
LOOKUPS = [
    ("describe_load_balancers", {"LoadBalancerArns": ["web"]}, INVALID, "'web' is not a valid load balancer ARN"),
    ("delete_load_balancer", {"LoadBalancerArn": "web"}, INVALID, "'web' is not a valid load balancer ARN"),
    ("describe_target_groups", {"Names": ["absent"]}, "TargetGroupNotFound", "One or more target groups not found"),
    (
        "describe_listeners",
        {"ListenerArns": [f"{GONE}:listener/app/x/0/0"]},
        "ListenerNotFound",
        "One or more listeners not found",
    ),
    ("describe_listeners", {}, INVALID, "You must specify either listener ARNs or a load balancer ARN"),
    ("describe_rules", {}, INVALID, "You must specify either listener rule ARNs or a listener ARN"),
    ("delete_rule", {"RuleArn": f"{GONE}:listener-rule/app/x/0/0/0"}, "RuleNotFound", "One or more rules not found"),
    ("set_security_groups", {"LoadBalancerArn": "<balancer>", "SecurityGroups": []}, INVALID, "At least one"),
    (
        "set_ip_address_type",
        {"LoadBalancerArn": "<balancer>", "IpAddressType": "dualstack"},
        INVALID,
        "associated IPv6 CIDR block",
    ),
    ("register_targets", {"TargetGroupArn": "<targets>", "Targets": []}, INVALID, "At least one target"),
]
UNSUPPORTED = [
    ("load_balancer", "load_balancing.cross_zone.enabled", "false", "is not supported on load balancers with type"),
    ("target_group", "preserve_client_ip.enabled", "true", "is not supported on target groups with type 'HTTP'"),
    ("target_group", "stickiness.type", "source_ip", "is not supported for target groups with the HTTP protocol"),
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


@pytest.mark.parametrize(("what", "key", "value", "words"), UNSUPPORTED)
def test_attributes_of_other_kinds_are_refused(world: World, what: str, key: str, value: str, words: str) -> None:
    of = {"load_balancer": {"LoadBalancerArn": world.balancer}, "target_group": {"TargetGroupArn": world.group}}
    request = of[what] | {"Attributes": [{"Key": key, "Value": value}]}
    refused(world.elb, f"modify_{what}_attributes", request, CONFIGURATION, words)


@pytest.mark.parametrize(("conditions", "words"), CONDITIONS)
def test_a_wrong_condition_is_refused(world: World, conditions: list[dict], words: str) -> None:
    forward_ = [{"Type": "forward", "TargetGroupArn": world.group}]
    request = {"ListenerArn": world.listener, "Priority": 9, "Actions": forward_, "Conditions": conditions}
    refused(world.elb, "create_rule", request, INVALID, words)


@pytest.mark.parametrize(("operation", "request_", "code", "words"), LOOKUPS)
def test_what_is_not_there_is_not_found(world: World, operation: str, request_: dict, code: str, words: str) -> None:
    refused(world.elb, operation, filled(request_, world.names), code, words)


def test_rules_with_right_conditions_are_taken(world: World) -> None:
    conditions = [
        PATH | {"Values": ["/x/*", "/y?"]},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["*"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.1/32"]}},
    ]
    to = [{"Type": "forward", "TargetGroupArn": world.group}]
    made = world.elb.create_rule(ListenerArn=world.listener, Priority=8, Actions=to, Conditions=conditions)["Rules"][0]
    world.elb.delete_rule(RuleArn=made["RuleArn"])
    https = world.listen(world.balancer, Port=9443, **certified(world.certificate))
    shown = world.elb.describe_listener_certificates(ListenerArn=https)["Certificates"]
    assert shown == [{"CertificateArn": world.certificate, "IsDefault": True}]
    world.elb.delete_listener(ListenerArn=https)


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
