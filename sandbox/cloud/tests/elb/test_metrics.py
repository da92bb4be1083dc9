"""A load balancer reports its requests and the health of its targets."""

import http.client
from collections.abc import Iterator

import pytest
from helpers.balancer import Balancer, Target, balancer
from ministack.services import cloudwatch

from cloud.elb import front_door, health, metrics
from cloud.elb.arrival import Arrival


@pytest.fixture(scope="module")
def port() -> int:
    return front_door.start(0, "127.0.0.1")


@pytest.fixture(autouse=True)
def nothing_yet() -> Iterator[None]:
    """No metric and no request of other tests."""
    cloudwatch._metrics.clear()
    metrics.report(0.0)
    cloudwatch._metrics.clear()
    yield


def ask(port: int, found: Balancer) -> int:
    """The status of a request to the balancer, when the front door is done with it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    connection.sock.sendall(Arrival(found.record["LoadBalancerArn"], 80, "127.0.0.1").line())
    connection.request("GET", "/", headers={"Host": "anything.example.com"})
    with connection.sock.dup() as until_the_end:
        response = connection.getresponse()
        response.read()
        assert until_the_end.recv(1) == b""
        return response.status


def reported(found: Balancer, group: bool = True) -> dict[str, float]:
    """The sums of the minute that ends at 120, of the balancer or of the group at it."""
    metrics.report(120.0)
    wanted = metrics.dimensions(found.record["LoadBalancerArn"], found.group["TargetGroupArn"] if group else "")
    sums: dict[str, float] = {}
    for (namespace, name, _), points in cloudwatch._metrics.items():
        for point in points:
            assert (namespace, point["Timestamp"]) == ("AWS/ApplicationELB", 60.0)
            if point["Dimensions"] == wanted:
                sums[name] = sums.get(name, 0.0) + point["Value"]
    return sums


def test_dimensions_are_the_ends_of_the_arns() -> None:
    with balancer() as found:
        named = metrics.dimensions(found.record["LoadBalancerArn"], found.group["TargetGroupArn"])
    assert named["LoadBalancer"].startswith(f"app/{found.name}/")
    assert named["TargetGroup"].startswith(f"targetgroup/{found.name}/")


def test_requests_and_the_codes_of_targets_are_counted(port: int) -> None:
    target = Target()
    with balancer() as found:
        found.listen()
        found.register(target)
        assert ask(port, found) == ask(port, found) == 200
        target.code = 500
        assert ask(port, found) == 500
        sums = reported(found)
        assert (sums["RequestCount"], sums["HTTPCode_Target_2XX_Count"], sums["HTTPCode_Target_5XX_Count"]) == (3, 2, 1)
        assert 0 < sums["TargetResponseTime"] < 10
        assert "HTTPCode_ELB_5XX_Count" not in sums
        cloudwatch._metrics.clear()
        assert "RequestCount" not in reported(found)  # nothing came in the next minute


def test_both_the_balancer_and_its_group_have_the_figures(port: int) -> None:
    with balancer() as found:
        found.listen()
        found.register(Target())
        ask(port, found)
        assert reported(found, group=False)["RequestCount"] == 1


def test_the_balancers_own_errors_are_not_the_targets(port: int) -> None:
    target = Target()
    target.server.shutdown()
    target.server.server_close()
    with balancer() as found:
        found.listen()
        assert ask(port, found) == 503
        found.register(target)
        assert ask(port, found) == 502
        sums = reported(found, group=False)
        names = ("HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_502_Count")
        assert [sums[name] for name in names] == [2, 1, 1]
        assert sums["TargetConnectionErrorCount"] == 1
        assert "HTTPCode_Target_5XX_Count" not in sums


def test_hosts_are_counted_by_their_health_where_there_are_any() -> None:
    with balancer() as found:
        found.listen()
        assert reported(found) == {}
        found.register(Target())
        assert reported(found) == {"HealthyHostCount": 0, "UnHealthyHostCount": 0}
        cloudwatch._metrics.clear()
        found.registered[0].state = health.HEALTHY
        assert reported(found) == {"HealthyHostCount": 1, "UnHealthyHostCount": 0}
        cloudwatch._metrics.clear()
        found.registered[0].state = health.UNHEALTHY
        assert reported(found) == {"HealthyHostCount": 0, "UnHealthyHostCount": 1}
