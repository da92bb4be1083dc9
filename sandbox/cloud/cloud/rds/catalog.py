"""Answer what RDS offers: certificate authorities and releases of PostgreSQL.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeCertificates.html; the authorities and their years
are those of https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html. MiniStack does not know the
action. A release that an instance runs is one that is offered, which MiniStack's fixed list does not have.
"""

from typing import Any

from ministack.core.responses import get_region
from ministack.services import rds

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    rds: "_error _instances _p _xml",
}

# The years in which the authorities end.
AUTHORITIES = {"rds-ca-rsa2048-g1": 2061, "rds-ca-rsa4096-g1": 2121, "rds-ca-ecc384-g1": 2121}


def _certificates(p: dict) -> Any:
    wanted = rds._p(p, "CertificateIdentifier")
    if wanted and wanted not in AUTHORITIES:
        return rds._error("CertificateNotFound", f"CertificateIdentifier {wanted} not found.", 404)
    members = "".join(
        "<Certificate>"
        f"<CertificateIdentifier>{name}</CertificateIdentifier><CertificateType>CA</CertificateType>"
        f"<CertificateArn>arn:aws:rds:{get_region()}::cert:{name}</CertificateArn>"
        f"<ValidFrom>2021-05-19T00:00:00Z</ValidFrom><ValidTill>{year}-05-19T00:00:00Z</ValidTill>"
        "<CustomerOverride>false</CustomerOverride>"
        "</Certificate>"
        for name, year in AUTHORITIES.items()
        if wanted in ("", name)
    )
    return rds._xml(
        200,
        "DescribeCertificatesResponse",
        f"<DescribeCertificatesResult><Certificates>{members}</Certificates></DescribeCertificatesResult>",
    )


def _versions(old: Any, p: dict) -> Any:
    status, headers, body = old(p)
    if status != 200 or (rds._p(p, "Engine") or "postgres") != "postgres" or rds._p(p, "DefaultOnly") == "true":
        return status, headers, body
    wanted = rds._p(p, "EngineVersion")
    run = {each["EngineVersion"] for each in rds._instances.values() if each["Engine"] == "postgres"}
    members = "".join(
        f"<DBEngineVersion><Engine>postgres</Engine><EngineVersion>{version}</EngineVersion>"
        f"<DBParameterGroupFamily>postgres{version.split('.')[0]}</DBParameterGroupFamily>"
        "<Status>available</Status></DBEngineVersion>"
        for version in sorted(run)
        if wanted in ("", version) and f"<EngineVersion>{version}<".encode() not in body
    )
    return status, headers, body.replace(b"</DBEngineVersions>", f"{members}</DBEngineVersions>".encode())


def install() -> None:
    """Add the action and the releases."""
    patch.add_operations(rds, {"DescribeCertificates": _certificates})
    patch.wrap(rds, "_describe_engine_versions", _versions, "p")
