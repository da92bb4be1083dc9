"""What a server shows for a certificate of ACM: signed by an authority of the sandbox's own.

https://docs.aws.amazon.com/acm/latest/userguide/acm-concepts.html: everybody trusts Amazon's authorities. Here those do
that are given this one (GET /_sandbox/authority).
"""

import functools
import threading

from ministack.core import x509_utils
from ministack.services import acm

# What this module uses of MiniStack.
NEEDS = {
    acm: "_certificates",
    x509_utils: "generate_ca sign_leaf_certificate",
}

_lock = threading.RLock()


def authority() -> str:
    """The authority's certificate."""
    with _lock:
        return _authority()[0]


def identity(arn: str) -> str:
    """The key and the certificate of a server, of the domains that the certificate is for."""
    certificate = acm._certificates[arn]
    with _lock:
        return _identity(certificate["DomainName"], tuple(certificate["SubjectAlternativeNames"]))


@functools.cache
def _authority() -> tuple[str, str]:
    return x509_utils.generate_ca("Sandbox", "Sandbox Root CA")


@functools.cache
def _identity(domain: str, names: tuple[str, ...]) -> str:
    certificate, key, _ = x509_utils.sign_leaf_certificate(*_authority(), domain, list(names))
    return key + certificate
