"""What alarms were made with is given back."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import cbor2
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from helpers.emulator import ACCOUNT, REGION, Emulator, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.cloudwatch.readback") as found:
        yield found


def by_query(emulator: Emulator, service: str, version: str, **parameters: str) -> str:
    """The answer to a call in the Query protocol, which AWS's provider speaks and boto3 no longer does."""
    request = AWSRequest(
        "POST",
        f"http://127.0.0.1:{emulator.port}/",
        data=urlencode(parameters | {"Version": version}),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "administrator"), service, REGION).add_auth(request)
    return URLLib3Session().send(request.prepare()).text


def test_newer_sdks_are_answered_in_their_binary_protocol(emulator: Emulator) -> None:
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName="binary",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    # https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
    request = AWSRequest(
        "POST",
        f"http://127.0.0.1:{emulator.port}/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        data=cbor2.dumps({"AlarmNamePrefix": "bin"}),
        headers={"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"},
    )
    SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "administrator"), "monitoring", REGION).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert [each["AlarmName"] for each in cbor2.loads(answer.content)["MetricAlarms"]] == ["binary"]


def test_alarms_by_query(emulator: Emulator) -> None:
    topic, version = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts", "2010-08-01"
    by_query(
        emulator,
        "monitoring",
        version,
        **{
            "Action": "PutMetricAlarm",
            "AlarmName": "q",
            "EvaluationPeriods": "2",
            "Threshold": "10",
            "ComparisonOperator": "GreaterThanThreshold",
            "ActionsEnabled": "false",
            "AlarmDescription": "a & b",
            "TreatMissingData": "notBreaching",
            "AlarmActions.member.1": topic,
            "InsufficientDataActions.member.1": topic,
            "Metrics.member.1.Id": "e",
            "Metrics.member.1.Expression": "100*f",
            "Metrics.member.2.Id": "f",
            "Metrics.member.2.MetricStat.Metric.MetricName": "f",
            "Metrics.member.2.MetricStat.Period": "300",
        },
    )
    found = by_query(emulator, "monitoring", version, Action="DescribeAlarms", **{"AlarmNames.member.1": "q"})
    for text in (
        "<ActionsEnabled>false</ActionsEnabled>",
        f"<AlarmActions><member>{topic}</member></AlarmActions>",
        f"<InsufficientDataActions><member>{topic}</member></InsufficientDataActions>",
        "<TreatMissingData>notBreaching</TreatMissingData>",
        "<AlarmDescription>a &amp; b</AlarmDescription>",
        "<Metrics><member><Id>e</Id><Expression>100*f</Expression></member><member><Id>f</Id><MetricStat><Metric>"
        "<MetricName>f</MetricName></Metric><Period>300</Period></MetricStat></member></Metrics>",
    ):
        assert text in found


def test_alarms(emulator: Emulator) -> None:
    cloudwatch, topic = emulator.client("cloudwatch"), f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
    common = {
        "EvaluationPeriods": 2,
        "Threshold": 10.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [topic],
        "OKActions": [topic],
    }
    cloudwatch.put_metric_alarm(
        AlarmName="plain",
        Namespace="D",
        MetricName="m",
        Period=300,
        Statistic="Sum",
        ActionsEnabled=False,
        AlarmDescription="a & b",
        Dimensions=[{"Name": "n", "Value": "v"}],
        **common,
    )
    metrics = [
        {"Id": "e", "Expression": "100*f", "Label": "rate", "ReturnData": True},
        {
            "Id": "f",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "D", "MetricName": "f", "Dimensions": []},
                "Period": 300,
                "Stat": "Sum",
            },
        },
    ]
    cloudwatch.put_metric_alarm(AlarmName="math", Metrics=metrics, **common)
    cloudwatch.put_composite_alarm(
        AlarmName="both", AlarmRule="ALARM(plain)", ActionsEnabled=False, AlarmActions=[topic]
    )
    types = ["MetricAlarm", "CompositeAlarm"]
    found = cloudwatch.describe_alarms(AlarmTypes=types)
    plain, math = (next(a for a in found["MetricAlarms"] if a["AlarmName"] == name) for name in ("plain", "math"))
    assert plain["ActionsEnabled"] is False
    assert plain["AlarmDescription"] == "a & b"
    assert plain["Dimensions"] == [{"Name": "n", "Value": "v"}]
    assert (plain["Statistic"], plain["Period"]) == ("Sum", 300)
    for alarm in (plain, math):
        assert (alarm["AlarmActions"], alarm["OKActions"]) == ([topic], [topic])
        assert alarm["TreatMissingData"] == "notBreaching"
    assert [metric["Id"] for metric in math["Metrics"]] == ["e", "f"]
    assert math["Metrics"][1]["MetricStat"]["Period"] == 300
    both = found["CompositeAlarms"][0]
    assert (both["ActionsEnabled"], both["AlarmActions"]) == (False, [topic])
