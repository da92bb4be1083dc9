"""Certificates: those that the account has before any stack, and those that wait until their domain is proven.

https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html: a requested certificate is issued when its CNAME
records are there. MiniStack issues it at once.
"""

import json
from typing import Any

from ministack.core.responses import now_iso, request_scope
from ministack.services import acm, route53

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    acm: "_certificates _future_iso _synthetic_pem",
    route53: "_records",
}

_PENDING, _ISSUED = "PENDING_VALIDATION", "ISSUED"
_DAY_SECONDS, _YEAR = 24 * 3600, 365


def give(arn: str, domain: str, days: int | None = None) -> None:
    """Put an issued certificate into ACM of the ARN's account and region, unless it is there.

    On AWS somebody has requested it, proved the domain, and written its ARN into the stack file; no call makes one of a
    given ARN. With so many days it takes the place of one that is there, as when ACM renews it.
    """
    _, _, _, region, account, _ = arn.split(":", 5)
    with request_scope(account, region):
        if arn in acm._certificates and days is None:
            return
        now = now_iso()
        acm._certificates[arn] = {
            "CertificateArn": arn,
            "DomainName": domain,
            "SubjectAlternativeNames": [domain],
            "Status": _ISSUED,
            "Type": "AMAZON_ISSUED",
            "CreatedAt": now,
            "IssuedAt": now,
            "NotBefore": now,
            "NotAfter": acm._future_iso((days or _YEAR) * _DAY_SECONDS),
            "DomainValidationOptions": [],
            "Tags": [],
            "Options": {},
            "_pem_body": acm._synthetic_pem(domain),
            "_pem_chain": "",
        }


def find(arn: str) -> dict[str, Any] | None:
    """A certificate, issued by now if its records are there."""
    certificate: dict[str, Any] | None = acm._certificates.get(arn)
    if certificate and certificate["Status"] == _PENDING and _proven(certificate):
        certificate["Status"], certificate["IssuedAt"] = _ISSUED, now_iso()
        _mark(certificate, "SUCCESS")
    return certificate


def _proven(certificate: dict[str, Any]) -> bool:
    every = [record for records in route53._records.values() for record in records]
    there = {record["Name"] for record in every if record["Type"] == "CNAME"}
    return all(each["ResourceRecord"]["Name"] in there for each in certificate["DomainValidationOptions"])


def _mark(certificate: dict[str, Any], status: str) -> None:
    for each in certificate["DomainValidationOptions"]:
        each["ValidationStatus"] = status


def _request(old: Any, data: dict[str, Any]) -> Any:
    status, headers, body = old(data)
    if status == 200:
        certificate = acm._certificates[json.loads(body)["CertificateArn"]]
        certificate["Status"] = _PENDING
        _mark(certificate, _PENDING)
    return status, headers, body


def _describe(old: Any, data: dict[str, Any]) -> Any:
    find(data.get("CertificateArn", ""))
    return old(data)


def install() -> None:
    """Let a requested certificate wait, and look at its records when it is shown."""
    patch.wrap(acm, "_request_certificate", _request, "data")
    patch.wrap(acm, "_describe_certificate", _describe, "data")
