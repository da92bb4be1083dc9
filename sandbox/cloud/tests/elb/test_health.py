"""Targets are as healthy as their answers."""

import pytest
from helpers.balancer import Balancer, Target, balancer
from ministack.services import alb

from cloud.elb import health as elb_health


def probe(found: Balancer) -> elb_health.Target:
    """One probe of the only target, at the pace of the interval."""
    registered = alb._targets[found.group["TargetGroupArn"]][0]
    known = elb_health.find(found.group, registered)
    known.counted = float("-inf")
    elb_health.record(found.group, known, elb_health.probe(found.group, registered, "a-balancer"))
    return known


def shown(found: Balancer) -> str:
    """What DescribeTargetHealth says."""
    return elb_health._describe({"TargetGroupArn": found.group["TargetGroupArn"]})[2].decode()


@pytest.mark.parametrize(
    ("code", "matcher", "expected"),
    [(200, "200", True), (204, "200", False), (204, "200-299", True), (302, "200,301-302", True), (404, "200", False)],
)
def test_matchers(code: int, matcher: str, expected: bool) -> None:
    assert elb_health.matches(code, matcher) is expected


def test_one_passed_check_makes_a_new_target_healthy_and_the_thresholds_count_afterwards() -> None:
    target = Target()
    with balancer(HealthyThresholdCount="2", UnhealthyThresholdCount="2") as found:
        found.listen()
        found.register(target)
        assert "<State>initial</State>" in shown(found)
        assert probe(found).state == elb_health.HEALTHY
        assert target.requests[-1][1] == "/health"
        target.code = 500
        assert probe(found).state == elb_health.HEALTHY
        assert probe(found).state == elb_health.UNHEALTHY
        assert "Target.ResponseCodeMismatch" in shown(found) and "[500]" in shown(found)
        target.code = 200
        assert probe(found).state == elb_health.UNHEALTHY
        assert probe(found).state == elb_health.HEALTHY


def test_a_target_that_nobody_answers_for_becomes_unhealthy() -> None:
    target = Target()
    target.server.shutdown()
    target.server.server_close()
    with balancer(UnhealthyThresholdCount="2") as found:
        found.listen()
        found.register(target)
        assert probe(found).state == elb_health.INITIAL
        assert probe(found).state == elb_health.UNHEALTHY
        assert "Target.FailedHealthChecks" in shown(found)


def test_requests_go_to_healthy_targets_and_to_all_when_none_is() -> None:
    with balancer() as found:
        found.listen()
        arn = found.group["TargetGroupArn"]
        alb.set_targets_for_group(arn, [("192.0.2.1", 80), ("192.0.2.2", 80)])
        elb_health.find(found.group, {"Id": "192.0.2.2", "Port": 80}).state = elb_health.HEALTHY
        assert {elb_health.choose(found.group)["Id"] for _ in range(3)} == {"192.0.2.2"}
        elb_health.find(found.group, {"Id": "192.0.2.2", "Port": 80}).state = elb_health.UNHEALTHY
        assert {elb_health.choose(found.group)["Id"] for _ in range(2)} == {"192.0.2.1", "192.0.2.2"}
        alb.set_targets_for_group(arn, [], ["192.0.2.1", "192.0.2.2"])
        assert elb_health.choose(found.group) is None


def test_a_group_without_a_listener_is_unused() -> None:
    target = Target()
    with balancer() as found:
        found.register(target)
        assert "<State>unused</State>" in shown(found) and "Target.NotInUse" in shown(found)
