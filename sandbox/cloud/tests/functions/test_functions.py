"""A function with a runtime of its own runs in its network, as its role, and writes its log."""

import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.sandbox import Sandbox, running, until

pytestmark = pytest.mark.engine

# A runtime in a few lines: what the event asks for is done, and what comes of it is the answer.
BOOTSTRAP = """#!/opt/venv/bin/python
import json, os, socket, subprocess, sys, time, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
def do(event):
    what = event.get("do")
    if what == "caller":
        import boto3
        return boto3.client("sts").get_caller_identity()["Arn"]
    if what == "addresses":
        return subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True).stdout
    if what == "sleep":
        time.sleep(60)
    if what == "exit":
        sys.exit(3)
    if what == "metric":
        metrics = [{"Namespace": "Fn", "Dimensions": [[]], "Metrics": [{"Name": event["name"]}]}]
        metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": metrics}
        print(json.dumps({"_aws": metadata, event["name"]: 7}))
    print("did", what, flush=True)
    return {name: os.environ.get(name) for name in event.get("names", [])}
while True:
    with urllib.request.urlopen(f"{api}/next") as answer:
        request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
    try:
        kind, body = "response", do(event)
    except Exception as error:
        kind, body = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
    urllib.request.urlopen(urllib.request.Request(f"{api}/{request}/{kind}", json.dumps(body).encode(), method="POST"))
"""

INTERFACES = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        ec2, vpc = found.client("ec2"), {"VpcId": found.vpc.id}
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            ec2.modify_vpc_attribute(**vpc, **{attribute: {"Value": True}})
        # A function has no public address: what it calls it calls by an endpoint.
        ec2.create_vpc_endpoint(
            **vpc,
            VpcEndpointType="Interface",
            ServiceName=f"com.amazonaws.{found.region}.sts",
            SubnetIds=found.vpc.subnets,
            SecurityGroupIds=[found.vpc.group],
            PrivateDnsEnabled=True,
        )
        yield found


def archive(program: str | bytes = BOOTSTRAP) -> bytes:
    """A deployment package."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        file.writestr(entry, program)
    return packed.getvalue()


class Function:
    """A function in the sandbox's VPC."""

    def __init__(self, sandbox: Sandbox, program: str | bytes = BOOTSTRAP, **more: Any) -> None:
        self.sandbox, self.name = sandbox, f"f-{secrets.token_hex(4)}"
        self.group = f"functions/{self.name}"
        sandbox.client("logs").create_log_group(logGroupName=self.group)
        self.role = sandbox.role(
            {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"},
            {"Effect": "Allow", "Action": INTERFACES, "Resource": "*"},
            service="lambda.amazonaws.com",
        )
        vpc = sandbox.vpc.configuration["awsvpcConfiguration"]
        settings = {
            "Timeout": 30,
            "MemorySize": 256,
            "VpcConfig": {"SubnetIds": vpc["subnets"], "SecurityGroupIds": [sandbox.vpc.group]},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": self.group},
            "Environment": {"Variables": {"OWN": "value"}},
        } | more
        self.arn = self.client.create_function(
            FunctionName=self.name,
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role=self.role,
            Code={"ZipFile": archive(program)},
            **settings,
        )["FunctionArn"]
        self.client.get_waiter("function_active_v2").wait(FunctionName=self.name)

    @property
    def client(self) -> Any:
        """A client of Lambda."""
        return self.sandbox.client("lambda")

    def invoke(self, **event: Any) -> tuple[Any, str]:
        """What the function answers, and its kind of error."""
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event))
        return json.load(answer["Payload"]), answer.get("FunctionError", "")

    def lines(self) -> list[str]:
        """Its log."""
        found = self.sandbox.client("logs").filter_log_events(logGroupName=self.group)["events"]
        return [event["message"] for event in found]


@pytest.fixture(scope="module")
def function(sandbox: Sandbox) -> Function:
    return Function(sandbox)


def test_it_answers_and_its_environment_is_lambdas(function: Function) -> None:
    names = ["OWN", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER", "AWS_LAMBDA_LOG_GROUP_NAME"]
    answer, error = function.invoke(names=names)
    assert error == ""
    assert list(answer.values()) == ["value", function.name, "bootstrap", function.group]


def test_what_it_prints_is_in_its_log_with_lambdas_own_lines(function: Function) -> None:
    function.invoke(do="print")
    lines = until("the log", lambda: (found := function.lines()) and "did print" in found and found)
    assert any(line.startswith("START RequestId: ") for line in lines)
    until("the report", lambda: any(line.startswith("REPORT RequestId: ") for line in function.lines()))


def test_it_calls_as_its_role(function: Function) -> None:
    answer, error = function.invoke(do="caller")
    assert error == "", answer
    assert f":assumed-role/{function.role.rpartition('/')[2]}/{function.name}" in answer


def test_it_has_an_address_of_its_subnets(function: Function, sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    found = [
        each["PrivateIpAddress"]
        for each in ec2.describe_network_interfaces()["NetworkInterfaces"]
        if each["Description"].startswith(f"AWS Lambda VPC ENI-{function.name}-")
    ]
    assert len(found) == 1
    assert found[0] in function.invoke(do="addresses")[0]


def test_a_metric_in_its_output_is_a_metric(function: Function, sandbox: Sandbox) -> None:
    name = f"m-{secrets.token_hex(4)}"
    function.invoke(do="metric", name=name)
    listed = lambda: sandbox.client("cloudwatch").list_metrics(Namespace="Fn", MetricName=name)["Metrics"]  # noqa: E731
    until("the metric", listed)


def test_a_call_that_its_group_does_not_let_out_takes_all_of_its_time(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    closed = ec2.create_security_group(GroupName="closed", Description="closed", VpcId=sandbox.vpc.id)["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=closed, IpPermissions=everything)
    subnets = sandbox.vpc.configuration["awsvpcConfiguration"]["subnets"]
    shut = Function(sandbox, Timeout=3, VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [closed]})
    assert shut.invoke(names=["OWN"])[0] == {"OWN": "value"}  # Lambda's own way needs no rule
    answer, error = shut.invoke(do="caller")
    assert (error, answer["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert "Task timed out after 3.00 seconds" in answer["errorMessage"]


def test_an_end_of_the_program_is_an_error_and_the_next_event_has_a_new_one(function: Function) -> None:
    answer, error = function.invoke(do="exit")
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert function.invoke(names=["OWN"])[0] == {"OWN": "value"}


def test_a_program_for_another_machine_does_not_begin(sandbox: Sandbox) -> None:
    foreign = b"\x7fELF\x02\x01\x01" + bytes(11) + (0x08).to_bytes(2, "little") + bytes(44)  # MIPS
    answer, error = Function(sandbox, foreign).invoke()
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.InvalidEntrypoint")


def test_a_deleted_function_leaves_nothing(sandbox: Sandbox) -> None:
    function = Function(sandbox)
    function.invoke()
    function.client.delete_function(FunctionName=function.name)
    label = {"label": f"dagster.sandbox.instance={sandbox.instance}"}
    names = [each.name for each in sandbox.engine.containers.list(all=True, filters=label)]
    described = sandbox.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert not [each for each in described if function.name in each["Description"]]
    assert len([name for name in names if name.endswith("-function")]) <= 2
