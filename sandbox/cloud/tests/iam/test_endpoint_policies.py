"""A call through an endpoint needs the endpoint's policy too."""

import json
from typing import Any

import pytest
from helpers.network import ACCOUNT, BRIDGE, REGION, Network
from ministack.core.iam_evaluator import EvalContext, EvalResult
from ministack.services import ec2

from cloud.iam import endpoint_policies, origin

ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/1234"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def call(action: str = "s3:GetObject", address: str = BRIDGE, **context: Any) -> Any:
    """What a call that all else allows gets."""
    resource = "arn:aws:s3:::data/a"
    made = EvalContext(CALLER, "AssumedRole", ACCOUNT, action, resource, REGION, address, service_context=context)

    def old() -> None:
        endpoint_policies._context.set(made)

    return endpoint_policies._enforce(old)


def endpoint(network: Network, *statements: dict[str, Any], kind: str = "Gateway") -> dict[str, Any]:
    more = {"RouteTableId.1": network.table} if kind == "Gateway" else {"VpcEndpointType": kind}
    made = ec2._vpc_endpoints[network.endpoint("s3", **more)]
    made |= {"PolicyDocument": json.dumps({"Statement": statements}), "PrivateDnsEnabled": kind == "Interface"}
    return made


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        (ALLOW, ""),
        (ALLOW | {"Resource": "arn:aws:s3:::data/*"}, ""),
        (ALLOW | {"Resource": "arn:aws:s3:::other/*"}, "ImplicitDeny"),
        (ALLOW | {"Action": "s3:PutObject"}, "ImplicitDeny"),
        (ALLOW | {"Effect": "Deny"}, "Deny"),
    ],
)
def test_a_policy_limits_what_takes_its_endpoint(network: Network, statement: dict, decision: str) -> None:
    endpoint(network, statement)
    denied = call()
    assert (denied.decision if denied else "") == decision
    assert call(address="192.0.2.1") is None, "the machine takes no endpoint"
    assert call("ssm:GetParameters") is None, "another service's"
    assert call(**{"kms:viaservice": "s3"}) is None, "a service calls"


@pytest.mark.parametrize(
    ("principal", "gateway", "interface"),
    [("*", True, True), ({"AWS": "*"}, True, True), ({"AWS": ROLE}, False, True), ({"AWS": ACCOUNT}, False, True)],
)
def test_gateway_endpoints_know_everybody_only(
    network: Network, principal: Any, gateway: bool, interface: bool
) -> None:
    for kind, allowed in (("Gateway", gateway), ("Interface", interface)):
        made = endpoint(network, ALLOW | {"Principal": principal}, kind=kind)
        assert (call() is None) == allowed, kind
        del ec2._vpc_endpoints[made["VpcEndpointId"]]


def test_what_others_deny_is_theirs_to_say(network: Network) -> None:
    endpoint(network, ALLOW | {"Effect": "Deny"})
    theirs = EvalResult("ImplicitDeny", CALLER)
    assert endpoint_policies._enforce(lambda: theirs) is theirs


def test_the_words_name_the_endpoints_policy(network: Network) -> None:
    def old(action: str, *_: Any) -> str:
        return f"because no identity-based policy allows the {action} action"

    def said() -> str:
        return endpoint_policies._words(old, "s3:GetObject", CALLER, "*", False)

    call()
    assert "no identity-based policy" in said()
    endpoint(network, ALLOW | {"Action": "s3:PutObject"})
    call()
    assert said() == "because no VPC endpoint policy allows the s3:GetObject action"


def test_layers_of_images_come_from_a_bucket_of_ecrs(network: Network) -> None:
    own = ALLOW | {"Resource": "arn:aws:s3:::data/*"}
    layers = ALLOW | {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*"}
    assert not endpoint_policies.serves_layers(endpoint(network, own), REGION)
    made = origin.endpoint(BRIDGE, "1234", "s3:GetObject", REGION)
    assert made is not None
    made["PolicyDocument"] = json.dumps({"Statement": [own, layers]})
    assert endpoint_policies.serves_layers(made, REGION)
