"""A load balancer with what it needs in the emulated AWS, for tests of what is refused."""

import secrets
import urllib.request
from typing import Any

from helpers.emulator import ACCOUNT, REGION, Emulator
from helpers.refusals import client
from helpers.topology import ZONES, Network


def certificate(aws: Emulator, arn: str = "", days: int = 0) -> str:
    """A certificate that the account has, for so many days where they are said."""
    arn = arn or f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{secrets.token_hex(8)}"
    path = f"/_sandbox/certificate?arn={arn}&domain=dagster.example.com" + (f"&days={days}" if days else "")
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
