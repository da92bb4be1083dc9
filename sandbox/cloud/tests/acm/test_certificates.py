"""A requested certificate waits for its records, and one in use is kept."""

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
