"""A requested certificate waits for its records, and one in use is kept."""

from datetime import UTC, datetime, timedelta

from helpers.balancing import certificate as given
from helpers.emulator import Emulator
from helpers.refusals import client, refused
from helpers.topology import Network


def test_a_requested_certificate_is_issued_when_its_records_are_there_and_kept_while_in_use(aws: Emulator) -> None:
    acm, elb, network = aws.client("acm"), client(aws, "elbv2"), Network(aws)
    arn = acm.request_certificate(DomainName="ui.example.com", ValidationMethod="DNS")["CertificateArn"]
    subnets = {"Name": "certified", "Subnets": network.subnets, "SecurityGroups": [network.group]}
    balancer = elb.create_load_balancer(**subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    listener = {
        "LoadBalancerArn": balancer,
        "Protocol": "HTTPS",
        "Port": 443,
        "Certificates": [{"CertificateArn": arn}],
        "DefaultActions": [answer],
    }
    refused(elb, "create_listener", listener, "UnsupportedCertificate", "must have a fully-qualified domain name")
    certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["Status"] == "PENDING_VALIDATION"
    record = certificate["DomainValidationOptions"][0]["ResourceRecord"]
    route53 = aws.client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="certified")["HostedZone"]["Id"]
    values = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    change = {"Action": "CREATE", "ResourceRecordSet": values}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    elb.create_listener(**listener)
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "ISSUED"
    refused(acm, "delete_certificate", {"CertificateArn": arn}, "ResourceInUseException", "is in use")
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    acm.delete_certificate(CertificateArn=arn)


def test_a_certificate_near_its_end_takes_the_place_of_the_one_that_is_there_and_is_renewed(aws: Emulator) -> None:
    acm = aws.client("acm")
    arn = given(aws)

    def left() -> timedelta:
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]["NotAfter"] - datetime.now(UTC)

    for days, least in ((0, 364), (10, 9), (0, 9), (90, 89)):
        given(aws, arn, days)
        assert timedelta(days=least) < left() <= timedelta(days=least + 1)
