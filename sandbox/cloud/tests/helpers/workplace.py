"""A cluster with all that services and tasks need, for tests of what ECS refuses."""

from dataclasses import dataclass, field
from typing import Any

from helpers.emulator import Emulator, make_role
from helpers.refusals import client
from helpers.vpc import Vpc, make_vpc


@dataclass
class Workplace:
    """Names of what is there."""

    cluster: str
    vpc: Vpc
    other_vpc: Vpc
    role: str
    groups: dict[str, str] = field(default_factory=dict)  # target groups by what they are
    definitions: dict[str, str] = field(default_factory=dict)


def make_workplace(aws: Emulator, name: str) -> Workplace:
    """Make it anew."""
    ecs, ec2 = client(aws, "ecs"), client(aws, "ec2")
    ecs.create_cluster(clusterName=name, capacityProviders=["FARGATE"])
    place = Workplace(name, make_vpc(ec2), make_vpc(ec2), make_role(aws, "ecs-tasks.amazonaws.com"))
    _define(ecs, place)
    _balance(client(aws, "elbv2"), place)
    return place


def _define(ecs: Any, place: Workplace) -> None:
    right: dict[str, Any] = {
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "taskRoleArn": place.role,
        "executionRoleArn": place.role,
    }
    main = {
        "name": "main",
        "image": "none",
        "portMappings": [{"containerPort": 80}],
        "secrets": [{"name": "SECRET", "valueFrom": "/secret"}],
    }
    on_machines = {"requiresCompatibilities": ["EC2"], "networkMode": "bridge"}
    for kind, change in {"right": {}, "without-role": {"taskRoleArn": ""}, "on-machines": on_machines}.items():
        made = {name: value for name, value in (right | change).items() if value}
        family = f"{place.cluster}-{kind}"
        registered = ecs.register_task_definition(family=family, containerDefinitions=[main], **made)
        place.definitions[kind] = registered["taskDefinition"]["taskDefinitionArn"]
    inactive = ecs.register_task_definition(family=f"{place.cluster}-inactive", containerDefinitions=[main], **right)
    place.definitions["inactive"] = inactive["taskDefinition"]["taskDefinitionArn"]
    ecs.deregister_task_definition(taskDefinition=place.definitions["inactive"])


def _balance(elb: Any, place: Workplace) -> None:
    for kind, target in (("right", "ip"), ("instance", "instance"), ("alone", "ip")):
        group = elb.create_target_group(
            Name=f"{place.cluster}-{kind}", Protocol="HTTP", Port=80, VpcId=place.vpc.id, TargetType=target
        )["TargetGroups"][0]
        place.groups[kind] = group["TargetGroupArn"]
    balancer = elb.create_load_balancer(
        Name=place.cluster, Scheme="internal", Subnets=place.vpc.subnets, SecurityGroups=[place.vpc.group]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    for port, kind in ((80, "right"), (81, "instance")):
        forward = [{"Type": "forward", "TargetGroupArn": place.groups[kind]}]
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=forward)
