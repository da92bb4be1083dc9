"""Who reaches whom, between real containers: security groups, routes and addresses decide."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from helpers.sandbox import IMAGE, Sandbox, running, until
from helpers.vpc import BLOCK

pytestmark = pytest.mark.engine
PORT = 8000
SERVE = f"exec python -m http.server {PORT}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


class Place:
    """A task that runs on, in a security group of its own that lets everything out and nothing in."""

    def __init__(self, sandbox: Sandbox, name: str, script: str = "exec sleep 1000", **task: Any) -> None:
        self.sandbox, self.ec2 = sandbox, sandbox.client("ec2")
        made = self.ec2.create_security_group(VpcId=sandbox.vpc.id, GroupName=name, Description=name)
        self.group = made["GroupId"]
        definition = sandbox.define({"entryPoint": ["sh", "-c"], "command": [script]}, **task)
        configuration = sandbox.vpc.configured(self.group)
        self.task = sandbox.run(definition, networkConfiguration=configuration)
        until(f"{name} to run", lambda: sandbox.describe(self.task)["lastStatus"] == "RUNNING")
        self.container = sandbox.container_of(self.task)

    @property
    def interface(self) -> dict[str, str]:
        """What DescribeTasks says of the network interface."""
        attachment = sandbox_attachment(self.sandbox, self.task)
        return {each["name"]: each["value"] for each in attachment["details"]}

    @property
    def address(self) -> str:
        """The address in the VPC."""
        return self.interface["privateIPv4Address"]

    @property
    def bridge(self) -> str:
        """The address of the pause container in the engine's network."""
        name = f"{self.sandbox.name}-{self.task.rsplit('/', 1)[-1][:13]}"
        networks = self.sandbox.engine.containers.get(name).attrs["NetworkSettings"]["Networks"]
        return str(networks[self.sandbox.name]["IPAddress"])

    def python(self, script: str) -> str:
        """What a script prints in the task's container."""
        return str(self.container.exec_run(["python", "-c", script], user="0:0").output.decode().strip())

    def reaches(self, address: str, port: int = PORT) -> bool:
        """Whether a connection is made."""
        script = f"import socket; socket.create_connection(('{address}', {port}), 1); print('reached')"
        return self.python(script) == "reached"

    def opened(self, change: str, *, to: "Place") -> None:
        """Authorize or revoke that another place's group comes in."""
        rule = {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, "UserIdGroupPairs": [{"GroupId": to.group}]}
        getattr(self.ec2, f"{change}_security_group_ingress")(GroupId=self.group, IpPermissions=[rule])


def sandbox_attachment(sandbox: Sandbox, task: str) -> dict[str, Any]:
    return sandbox.describe(task)["attachments"][0]


@pytest.fixture(scope="module")
def server(sandbox: Sandbox) -> Place:
    return Place(sandbox, "server", SERVE)


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Place:
    return Place(sandbox, "client")


def test_a_task_has_the_address_that_its_interface_says(sandbox: Sandbox, server: Place) -> None:
    found = sandbox.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=[server.interface["networkInterfaceId"]]
    )["NetworkInterfaces"]
    assert [each["PrivateIpAddress"] for each in found] == [server.address]
    assert [each["SubnetId"] for each in found] == [server.interface["subnetId"]] == sandbox.vpc.subnets[:1]
    assert server.python(f"import socket; socket.socket().bind(('{server.address}', 0)); print('own')") == "own"


def test_a_rule_lets_its_group_in_while_it_is_there(server: Place, client: Place) -> None:
    assert not client.reaches(server.address)
    server.opened("authorize", to=client)
    until("the rule to open", lambda: client.reaches(server.address))
    assert not client.reaches(server.bridge), "the address in the engine's network is no way around"
    assert not server.reaches(client.address, 22)
    server.opened("revoke", to=client)
    until("the rule to close", lambda: not client.reaches(server.address))


def test_a_task_that_comes_later_is_let_in_by_its_group(sandbox: Sandbox, server: Place) -> None:
    late = Place(sandbox, "late")
    server.opened("authorize", to=late)
    until("the rule to open", lambda: late.reaches(server.address))
    definition = sandbox.describe(late.task)["taskDefinitionArn"]
    configuration = sandbox.vpc.configured(late.group)
    late.task = sandbox.run(definition, networkConfiguration=configuration)
    until("the second one to run", lambda: sandbox.describe(late.task)["lastStatus"] == "RUNNING")
    late.container = sandbox.container_of(late.task)
    assert late.reaches(server.address), "from its first moment"


def test_an_egress_rule_that_is_gone_keeps_a_task_in(server: Place, client: Place) -> None:
    server.opened("authorize", to=client)
    until("the rule to open", lambda: client.reaches(server.address))
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    client.ec2.revoke_security_group_egress(GroupId=client.group, IpPermissions=everything)
    until("the task to be kept in", lambda: not client.reaches(server.address))
    client.ec2.authorize_security_group_egress(GroupId=client.group, IpPermissions=everything)
    until("the task to be let out", lambda: client.reaches(server.address))


def answers(address: str) -> bool:
    """Whether this machine hears the server: something between that merely takes connections is not it."""
    connection = HTTPConnection(address, PORT, timeout=3)
    try:
        connection.request("GET", "/")
        return b"Directory listing" in connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def test_the_machine_is_outside(server: Place) -> None:
    assert server.python(f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{PORT}').status)") == "200"
    assert not answers(server.address)
    assert not answers(server.bridge)


def test_a_load_balancer_lets_in_and_reaches_what_its_groups_allow(
    sandbox: Sandbox, server: Place, client: Place
) -> None:
    elb, ec2, vpc = sandbox.client("elbv2"), client.ec2, sandbox.vpc
    group = ec2.create_security_group(VpcId=vpc.id, GroupName="balancer", Description="balancer")["GroupId"]
    balancer = elb.create_load_balancer(Name="front", Subnets=vpc.subnets, SecurityGroups=[group], Scheme="internal")
    front = balancer["LoadBalancers"][0]
    checked = {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "UnhealthyThresholdCount": 2}
    made = elb.create_target_group(Name="servers", Protocol="HTTP", Port=PORT, VpcId=vpc.id, TargetType="ip", **checked)
    targets = made["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": server.address}])
    forward = [{"Type": "forward", "TargetGroupArn": targets}]
    elb.create_listener(LoadBalancerArn=front["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)

    def health() -> dict[str, str]:
        found = elb.describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]
        return dict(found[0]["TargetHealth"])

    until("the health check to be kept out", lambda: health().get("Description") == "Request timed out", told=health)
    rule = {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=server.group, IpPermissions=[rule])
    until("the target to be healthy", lambda: health()["State"] == "healthy", told=health)
    assert not client.reaches(front["DNSName"], 80)
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": client.group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    until("the load balancer to let in", lambda: client.reaches(front["DNSName"], 80))
    asked = f"import urllib.request; print(urllib.request.urlopen('http://{front['DNSName']}/', timeout=9).status)"
    assert client.python(asked) == "200"


CALL = """
import os, urllib.error, urllib.request
scope = 'AKIA/20260101/us-west-1/ecs/aws4_request'
signed = {'Authorization': f'AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=, Signature='}
try:
    urllib.request.urlopen(urllib.request.Request(os.environ['AWS_ENDPOINT_URL'], b'{}', signed), timeout=3)
except urllib.error.HTTPError:
    print('answered')
except OSError:
    print('hangs')
"""


@pytest.fixture
def service(sandbox: Sandbox) -> Iterator[str]:
    """The name of a server on the internet: one in the engine's network that is in no VPC."""
    name = "service.example.com"
    command = ["python", "-m", "http.server", "443"]
    host = sandbox.engine.containers.create(IMAGE, command, labels=sandbox.labels)
    sandbox.engine.networks.get(sandbox.name).connect(host, aliases=[name])
    host.start()
    yield name
    host.remove(force=True)


def test_without_a_route_nothing_outside_of_the_vpc_is_reached(sandbox: Sandbox, client: Place, service: str) -> None:
    until("the server on the internet", lambda: client.reaches(service, 443))
    assert client.python(CALL) == "answered"
    table, to_internet = sandbox.vpc.table, {"DestinationCidrBlock": "0.0.0.0/0"}
    route = client.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"][1]
    client.ec2.delete_route(RouteTableId=table, **to_internet)
    try:
        until("the route to be gone", lambda: not client.reaches(service, 443))
        assert client.python(CALL) == "hangs"
        line = f"a call to ecs by {client.task} hangs: the route table {table} of {sandbox.vpc.subnets[0]} has no route"
        assert line in sandbox.container.logs(tail=50).decode()
        task = sandbox.run(sandbox.define({"entryPoint": ["true"]}))
        assert "failed to create Cloudwatch log stream" in sandbox.ended(task)["stoppedReason"]
    finally:
        client.ec2.create_route(RouteTableId=table, GatewayId=route["GatewayId"], **to_internet)


def test_lines_of_a_running_task_wait_while_no_way_leads_to_logs(sandbox: Sandbox) -> None:
    own = Place(sandbox, "talker", "while sleep 0.5; do date +%s.%N; done", taskRoleArn=sandbox.role())
    until("the first line", lambda: sandbox.output(own.task))
    rule = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    own.ec2.revoke_security_group_egress(GroupId=own.group, IpPermissions=rule)

    def said() -> bool:
        return f"since {own.task} does not reach logs: no egress rule" in sandbox.container.logs(tail=50).decode()

    until("the log to say what is missing", said)
    before = sandbox.output(own.task)
    asked = "import urllib.request, os; urllib.request.urlopen(os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'])"
    assert own.python("import time; time.sleep(2); " + asked) == "", "credentials need no way"
    assert sandbox.output(own.task) == before
    own.ec2.authorize_security_group_egress(GroupId=own.group, IpPermissions=rule)
    until("the lines that waited", lambda: len(sandbox.output(own.task)) > len(before) + 3)


LIST = """
import os, boto3
s3 = boto3.client('s3', region_name='us-west-1', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
try:
    print(s3.list_objects_v2(Bucket='data')['KeyCount'])
except s3.exceptions.ClientError as error:
    print(error)
"""


def test_the_policy_of_an_endpoint_limits_what_goes_through_it(sandbox: Sandbox) -> None:
    s3, ec2, anything = sandbox.client("s3"), sandbox.client("ec2"), {"Effect": "Allow", "Action": "*", "Resource": "*"}
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": sandbox.region})
    own = Place(sandbox, "reader", taskRoleArn=sandbox.role(anything))
    assert own.python(LIST) == "0"
    policy = {"Statement": [anything | {"Principal": "*", "Action": "s3:GetObject"}]}
    made = {"VpcId": sandbox.vpc.id, "ServiceName": f"com.amazonaws.{sandbox.region}.s3"}
    endpoint = ec2.create_vpc_endpoint(**made, RouteTableIds=[sandbox.vpc.table], PolicyDocument=json.dumps(policy))
    name = endpoint["VpcEndpoint"]["VpcEndpointId"]
    try:
        assert "because no VPC endpoint policy allows the s3:ListBucket action" in own.python(LIST)
        ec2.modify_vpc_endpoint(VpcEndpointId=name, ResetPolicy=True)
        assert own.python(LIST) == "0"
    finally:
        ec2.delete_vpc_endpoints(VpcEndpointIds=[name])


def test_a_full_subnet_has_no_room_for_a_task(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    subnet = ec2.create_subnet(VpcId=sandbox.vpc.id, CidrBlock=f"{BLOCK}.99.0/28")["Subnet"]["SubnetId"]
    for _ in range(11):
        ec2.create_network_interface(SubnetId=subnet)
    assert ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"] == 0
    configuration = sandbox.vpc.configured(sandbox.vpc.group, subnet)
    task = sandbox.run(sandbox.define({"entryPoint": ["true"]}), networkConfiguration=configuration)
    assert "InsufficientFreeAddressesInSubnet" in sandbox.ended(task)["stoppedReason"]


def test_a_database_follows_its_rules_when_the_emulator_was_replaced(sandbox: Sandbox, client: Place) -> None:
    ec2, rds, subnets = sandbox.client("ec2"), sandbox.client("rds"), sandbox.vpc.subnets
    group = ec2.create_security_group(VpcId=sandbox.vpc.id, GroupName="database", Description="database")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": client.group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    rds.create_db_subnet_group(DBSubnetGroupName="d", DBSubnetGroupDescription="d", SubnetIds=subnets)
    size = {"DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20}
    named = {"MasterUsername": "master", "MasterUserPassword": "correct-horse-battery"}
    place = {"DBSubnetGroupName": "d", "VpcSecurityGroupIds": [group]}
    rds.create_db_instance(DBInstanceIdentifier="db", Engine="postgres", EngineVersion="17", **(size | named | place))
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="db", WaiterConfig={"Delay": 1})
    endpoint = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]["Endpoint"]["Address"]
    assert client.reaches(endpoint, 5432)
    sandbox.stop()
    sandbox.start()
    assert client.reaches(endpoint, 5432)
    sandbox.client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    until("the rule to close", lambda: not client.reaches(endpoint, 5432))
