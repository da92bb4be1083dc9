"""What a server shows for a certificate of ACM: signed by an authority of the sandbox's own.

https://docs.aws.amazon.com/acm/latest/userguide/acm-concepts.html: everybody trusts Amazon's authorities. Here those do
that are given this one (GET /_sandbox/authority).
"""

import functools
import json
import math
import threading
from datetime import UTC, datetime

from ministack.core import x509_utils
from ministack.services import acm

from cloud.core import settings

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
    """The key and the certificate of a server, of the domains and as long as the certificate is for."""
    certificate = acm._certificates[arn]
    names = tuple(certificate["SubjectAlternativeNames"])
    with _lock:
        return _identity(certificate["DomainName"], names, certificate["NotAfter"])


@functools.cache
def _authority() -> tuple[str, str]:
    """Kept with the state: what trusts it, such as a tunnel, outlives the emulator."""
    path = settings.state_directory() / "authority"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn = path.with_suffix(".drawn")
        drawn.touch(mode=0o600)
        drawn.write_text(json.dumps(x509_utils.generate_ca("Sandbox", "Sandbox Root CA")))
        drawn.replace(path)
    certificate, key = json.loads(path.read_text())
    return certificate, key


@functools.cache
def _identity(domain: str, names: tuple[str, ...], until: str) -> str:
    left = datetime.fromisoformat(until) - datetime.now(UTC)
    days = max(1, math.ceil(left.total_seconds() / (24 * 3600)))
    certificate, key, _ = x509_utils.sign_leaf_certificate(*_authority(), domain, list(names), days_valid=days)
    return key + certificate
