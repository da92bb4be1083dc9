"""What ACM refuses."""

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from ministack.services import alb

from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    alb: "_listeners",
}


@rule("acm", "RequestCertificate ImportCertificate AddTagsToCertificate")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/acm/latest/userguide/tags-restrictions.html"""
    given = call.parameters.get("Tags") or []
    if any(str(each.get("Key")).lower().startswith("aws:") for each in given):
        raise Refused("InvalidTagException", "aws: prefixed tag key names are not allowed for external use.")
    if len(given) > 50:
        raise Refused("TooManyTagsException", "The number of tags exceeds the limit of 50.")


@rule("acm", "ImportCertificate")
def _pair(call: Call) -> None:
    """https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html"""
    given = call.parameters
    certificate = _certificates(given.get("Certificate"), "certificate")[0]
    if given.get("CertificateChain"):
        _certificates(given["CertificateChain"], "certificate chain")
    try:
        key = serialization.load_pem_private_key(_bytes(given.get("PrivateKey")), None)
    except (ValueError, TypeError):
        raise Refused("ValidationException", "The private key is not PEM-encoded or is not valid.") from None
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if certificate.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise Refused("ValidationException", "The certificate and the private key do not match.")


def _certificates(text: Any, what: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_bytes(text))
    except ValueError:
        raise Refused("ValidationException", f"The {what} is not PEM-encoded or is not valid.") from None


def _bytes(value: Any) -> bytes:
    """A blob, which JSON carries in base64."""
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return str(value).encode()


@rule("acm", "DeleteCertificate")
def _unused(call: Call) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html"""
    arn = call.parameters["CertificateArn"]
    if any(arn in each.get("Certificates", []) for each in alb._listeners.values()):
        raise Refused("ResourceInUseException", f"Certificate {arn} in account {call.account} is in use.")
