"""What flow logs, endpoints, trails and scaling targets were made with is given back."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from data_emulator import ACCOUNT, REGION, Emulator, running

ROLE = f"arn:aws:iam::{ACCOUNT}:role/flow"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:flow"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    modules = "cloud.ec2_readback", "cloud.cloudtrail_readback", "cloud.autoscaling", "cloud.cloudwatch_readback"
    with running(Path(tmp_path_factory.mktemp("emulator")), *modules) as found:
        yield found


def test_flow_log(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestination=GROUP,
        DeliverLogsPermissionArn=ROLE,
        MaxAggregationInterval=60,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["FlowLogIds"]
    found = ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"][0]
    assert found["DeliverLogsPermissionArn"] == ROLE
    assert found["MaxAggregationInterval"] == 60
    assert found["LogGroupName"] == "flow"
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]


def test_interface_endpoint(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.0.0/24")["Subnet"]["SubnetId"]
    first, second = (
        ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"] for name in ("one", "two")
    )
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.ecs",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        SecurityGroupIds=[first],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]
    assert made["PrivateDnsEnabled"] is True
    assert [group["GroupId"] for group in made["Groups"]] == [first]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"],
        AddSecurityGroupIds=[second],
        RemoveSecurityGroupIds=[first],
        PrivateDnsEnabled=False,
    )
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    assert [group["GroupId"] for group in found["Groups"]] == [second]
    assert found["PrivateDnsEnabled"] is False


def test_rule_to_a_prefix_list(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="g", Description="g")["GroupId"]
    name = ec2.describe_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    made = ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": name, "Description": "S3"}],
            }
        ],
    )["SecurityGroupRules"]
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])[
        "SecurityGroupRules"
    ]
    assert [(rule["PrefixListId"], rule["Description"], rule["FromPort"]) for rule in found] == [(name, "S3", 443)]


def test_trail_tags(emulator: Emulator) -> None:
    trail = emulator.client("cloudtrail")
    arn = trail.create_trail(Name="t", S3BucketName="b", TagsList=[{"Key": "a", "Value": "b"}])["TrailARN"]
    assert trail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [{"Key": "a", "Value": "b"}]


def test_scaling_of_a_service(emulator: Emulator) -> None:
    ecs, scaling = emulator.client("ecs"), emulator.client("application-autoscaling")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(family="f", containerDefinitions=[{"name": "n", "image": "i", "memory": 128}])
    ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=0)
    target = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}
    with pytest.raises(ClientError, match="doesn't exist"):
        scaling.register_scalable_target(**target | {"ResourceId": "service/c/none"}, MinCapacity=1, MaxCapacity=2)
    arn = scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})["ScalableTargetARN"]
    configuration = {
        "TargetValue": 65.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    scaling.put_scaling_policy(
        PolicyName="cpu",
        **target,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=configuration,
    )
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )
    emulator.stop()
    emulator.start()
    scaling = emulator.client("application-autoscaling")
    found = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/c/s"])["ScalableTargets"]
    assert [(entry["MinCapacity"], entry["MaxCapacity"]) for entry in found] == [(1, 2)]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "b"}
    policy = scaling.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["cpu"])["ScalingPolicies"][0]
    assert policy["TargetTrackingScalingPolicyConfiguration"] == configuration | {"DisableScaleIn": False}
    actions = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert [action["ScheduledActionName"] for action in actions] == ["night"]
    scaling.deregister_scalable_target(**target)
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []
    with pytest.raises(ClientError, match="ObjectNotFoundException"):
        scaling.deregister_scalable_target(**target)


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
