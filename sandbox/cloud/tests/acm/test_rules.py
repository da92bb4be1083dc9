"""ACM refuses what is no certificate, and takes one with its key."""

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from helpers.emulator import Emulator
from helpers.refusals import client, refused

Pair = tuple[bytes, bytes]


def pair() -> Pair:
    """A certificate and its private key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ui.example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return signed.public_bytes(pem), key.private_bytes(pem, *form)


@pytest.fixture(scope="module")
def acm(aws: Emulator) -> Any:
    return client(aws, "acm")


def test_a_certificate_is_imported_with_its_own_key_only(acm: Any) -> None:
    certificate, key = pair()
    code = "ValidationException"
    for wrong, words in (
        ({"Certificate": b"x"}, "The certificate is not PEM-encoded"),
        ({"PrivateKey": b"x"}, "The private key is not PEM-encoded"),
        ({"PrivateKey": pair()[1]}, "The certificate and the private key do not match."),
        ({"CertificateChain": b"x"}, "The certificate chain is not PEM-encoded"),
    ):
        refused(acm, "import_certificate", {"Certificate": certificate, "PrivateKey": key} | wrong, code, words)
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    tags = {"CertificateArn": arn, "Tags": [{"Key": "aws:x", "Value": ""}]}
    refused(acm, "add_tags_to_certificate", tags, "InvalidTagException", "aws: prefixed tag key names")
    acm.delete_certificate(CertificateArn=arn)
