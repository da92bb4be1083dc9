"""Services keep their tasks, and deployments go as their configuration says."""

import itertools
import urllib.request
from collections.abc import Iterator

import pytest
from helpers.sandbox import Sandbox, running, until
from helpers.service import Service

pytestmark = pytest.mark.engine
SERVE = "cd /usr && exec python -m http.server 8000"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


@pytest.fixture
def balanced(sandbox: Sandbox) -> Iterator[tuple[Service, str]]:
    """A service behind a load balancer."""
    elb = sandbox.client("elbv2")
    group = elb.create_target_group(
        Name="web",
        Port=8000,
        Protocol="HTTP",
        TargetType="ip",
        VpcId=sandbox.vpc.id,
        HealthCheckPath="/bin/",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(
        Name="web", Scheme="internet-facing", Subnets=sandbox.vpc.subnets, SecurityGroups=[sandbox.vpc.group]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    everybody = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    sandbox.client("ec2").authorize_security_group_ingress(GroupId=sandbox.vpc.group, IpPermissions=[everybody])
    forward = {"Type": "forward", "TargetGroupArn": group}
    elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=[forward])
    service = Service(
        sandbox,
        "web",
        SERVE,
        loadBalancers=[{"targetGroupArn": group, "containerName": "main", "containerPort": 8000}],
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    )
    yield service, group
    service.remove()


def healthy(sandbox: Sandbox, group: str) -> list[str]:
    """The addresses of healthy targets."""
    found = sandbox.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [each["Target"]["Id"] for each in found if each["TargetHealth"]["State"] == "healthy"]


def public_address(sandbox: Sandbox) -> str:
    """Where the load balancer is on the internet, which the sandbox's bridge stands for."""
    labels = [f"dagster.sandbox.instance={sandbox.instance}", "dagster.sandbox.balancer"]
    [place] = sandbox.engine.containers.list(filters={"label": labels})
    return str(place.attrs["NetworkSettings"]["Networks"][sandbox.name]["IPAddress"])


def test_behind_a_balancer(sandbox: Sandbox, balanced: tuple[Service, str]) -> None:
    service, group = balanced
    assert not service.steady()
    service.settle()
    assert len(healthy(sandbox, group)) == 1
    front_door = f"http://{public_address(sandbox)}/bin/"
    assert urllib.request.urlopen(front_door, timeout=60).status == 200

    first = service.tasks()
    broken = service.define("exit 1")
    service.update(taskDefinition=broken)
    until("the rollback", lambda: any("rolling back to" in e["message"] for e in service.shown()["events"]))
    service.settle()
    assert service.tasks() == first
    assert service.shown()["taskDefinition"] != broken
    failed, completed = service.history()
    assert (failed["status"], completed["status"]) == ("ROLLBACK_SUCCESSFUL", "SUCCESSFUL")
    assert "circuit breaker" in failed["statusReason"]
    assert urllib.request.urlopen(front_door, timeout=60).status == 200

    service.update(taskDefinition=service.define(f"sleep 2; {SERVE}"))
    while not service.steady():
        assert urllib.request.urlopen(front_door, timeout=60).status == 200
    assert service.tasks() != first

    second = service.tasks()
    # A paused container answers nobody, and ends only when it is killed.
    sandbox.container_of(second[0]).pause()
    until("the unhealthy task to be replaced", lambda: second[0] not in service.tasks())
    assert sandbox.describe(second[0])["stoppedReason"].startswith("Task failed ELB health checks")
    until("a healthy one", lambda: healthy(sandbox, group) and service.steady())


def test_a_killed_task_is_replaced_and_a_singleton_never_doubled(sandbox: Sandbox) -> None:
    service = Service(
        sandbox,
        "daemon",
        "trap 'sleep 2; exit 0' TERM; while true; do sleep 0.1; done",
        deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100},
    )
    assert service.made["availabilityZoneRebalancing"] == "DISABLED"
    service.settle()
    first = service.tasks()[0]
    sandbox.container_of(first).kill()
    until("the replacement", lambda: [t for t in service.tasks() if t != first])
    service.settle()
    before = service.tasks()[0]
    service.update(taskDefinition=service.define("sleep 600"), availabilityZoneRebalancing="DISABLED")
    label = {"label": ["com.amazonaws.ecs.container-name=main"], "status": "running"}

    def replaced() -> bool:
        running = [
            c
            for c in sandbox.engine.containers.list(filters=label)
            if c.labels.get("dagster.sandbox.instance") == sandbox.instance
        ]
        assert len(running) <= 1
        return service.steady() and before not in service.tasks()

    until("the successor", replaced)
    service.remove()


def test_a_crashing_service_is_remarked_upon_and_waits_before_it_starts_again(sandbox: Sandbox) -> None:
    service = Service(sandbox, "crash", "exit 1")
    until("a remark", lambda: any("unable to consistently" in e["message"] for e in service.shown()["events"]))
    ecs = sandbox.client("ecs")

    def waited() -> bool:
        tasks = ecs.list_tasks(cluster="work", serviceName="crash", desiredStatus="STOPPED")["taskArns"]
        started = sorted(sandbox.describe(task)["createdAt"] for task in tasks)
        # The third failure in a row makes the next start wait for four seconds.
        return any((b - a).total_seconds() >= 4 for a, b in itertools.pairwise(started))

    until("a start that waited", waited)
    assert not service.steady()
    service.remove()


def test_zone_rebalancing_is_given_back(sandbox: Sandbox) -> None:
    service = Service(sandbox, "zones", "sleep 600")
    assert service.shown()["availabilityZoneRebalancing"] == "ENABLED"
    service.update(availabilityZoneRebalancing="DISABLED")
    assert service.shown()["availabilityZoneRebalancing"] == "DISABLED"
    service.update(desiredCount=0)
    until("no task", lambda: not service.tasks() and service.shown()["runningCount"] == 0)
    service.remove()
