"""Elastic Load Balancing refuses wrong conditions, attributes of other kinds, and lookups of what is not there."""

import pytest
from helpers.balancing import World
from helpers.emulator import ACCOUNT, REGION
from helpers.refusals import filled, refused

INVALID, CONFIGURATION = "ValidationError", "InvalidConfigurationRequest"
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
    https = world.listen(
        world.balancer, Port=9443, Protocol="HTTPS", Certificates=[{"CertificateArn": world.certificate}]
    )
    shown = world.elb.describe_listener_certificates(ListenerArn=https)["Certificates"]
    assert shown == [{"CertificateArn": world.certificate, "IsDefault": True}]
    world.elb.delete_listener(ListenerArn=https)
