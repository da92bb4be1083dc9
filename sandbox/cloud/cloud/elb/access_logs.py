"""Write access logs into the bucket of a load balancer's attributes, every five minutes.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html (names, fields) and
enable-access-logging.html (the policy that lets the service write). A request whose target gives no answer has -1 as
its times; what is not known here, such as the cipher of a TLS connection that ended at a node, is "-".
"""

import gzip
import secrets
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import alb

from cloud.core import clock
from cloud.s3 import delivery

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    alb: "_lb_attr _lbs",
}

SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
_PERIOD = 300
_NODE = "127.0.0.1"  # one file for all nodes of a load balancer
_lock = threading.Lock()
# The lines since the last file, by load balancer.
_lines: defaultdict[str, list[str]] = defaultdict(list)


@dataclass
class Entry:
    """One request, as far as it has come."""

    balancer: str
    listener: dict[str, Any]
    client: str
    method: str
    target_path: str
    fields: dict[str, str]
    upgrades: bool
    begun: float = field(default_factory=clock.time)
    status: int = 0
    action: str = "-"
    group: str = "-"
    target: str = "-"
    target_status: int = 0
    target_seconds: float = -1
    received: int = 0
    sent: int = 0

    def line(self, at: float) -> str:
        """The fields in their order."""
        secure = self.listener["Protocol"] == "HTTPS"
        kind = ("wss" if secure else "ws") if self.upgrades else ("https" if secure else "http")
        scheme, host = "https" if secure else "http", self.fields.get("host", "-")
        url = f"{scheme}://{host.partition(':')[0]}:{self.listener['Port']}{self.target_path}"
        answered = self.target_seconds >= 0
        times = ("0.000", f"{self.target_seconds:.3f}", "0.000") if answered else ("-1", "-1", "-1")
        status = str(self.target_status) if self.target_status else "-"
        certificate = next((each["CertificateArn"] for each in self.listener.get("Certificates") or []), "-")
        agent = self.fields.get("user-agent", "-").replace('"', "%22")
        return " ".join(
            (
                *(kind, _time(at), self.balancer.partition(":loadbalancer/")[2], self.client, self.target, *times),
                *(str(self.status), status, str(self.received), str(self.sent)),
                *(f'"{self.method} {url} HTTP/1.1"', f'"{agent}"', "-", "-", self.group),
                *(f'"{self.fields.get("x-amzn-trace-id", "-")}"', f'"{host.partition(":")[0] if secure else "-"}"'),
                *(f'"{certificate}"', "0", _time(self.begun), f'"{self.action}"', '"-"', '"-"'),
                *(f'"{self.target}"', f'"{status}"', '"-"', '"-"', f"TID_{secrets.token_hex(16)}"),
            )
        )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def note(entry: Entry) -> None:
    """Keep a request that has ended."""
    if entry.status:
        with _lock:
            _lines[entry.balancer].append(entry.line(clock.time()))


def write(at: float) -> None:
    """Write what was kept for the load balancers that log; of the others nothing is kept."""
    with _lock:
        lines = dict(_lines)
        _lines.clear()
    for (account, region, arn), _ in list(alb._lbs.all_items()):
        if found := lines.get(arn):
            with request_scope(account, region):
                _write(arn, found, account, region, at)


def _write(arn: str, lines: list[str], account: str, region: str, at: float) -> None:
    if alb._lb_attr(arn, "access_logs.s3.enabled", "false") != "true":
        return
    bucket, prefix = (alb._lb_attr(arn, f"access_logs.s3.{each}", "") for each in ("bucket", "prefix"))
    end = datetime.fromtimestamp(at, UTC)
    name = arn.partition(":loadbalancer/")[2].replace("/", ".")
    file = f"{account}_elasticloadbalancing_{region}_{name}_{end:%Y%m%dT%H%MZ}_{_NODE}_{secrets.token_hex(4)}.log.gz"
    key = f"{folder(prefix, account)}elasticloadbalancing/{region}/{end:%Y/%m/%d}/{file}"
    delivery.put(bucket, key, gzip.compress("".join(f"{line}\n" for line in lines).encode()), SERVICE, arn)


def folder(prefix: str, account: str) -> str:
    """Where the files begin."""
    return f"{prefix}/AWSLogs/{account}/" if prefix else f"AWSLogs/{account}/"


def install() -> None:
    """Write by the clock."""
    clock.every(_PERIOD, "access logs of load balancers", write)
