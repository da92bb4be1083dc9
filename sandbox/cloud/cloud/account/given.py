"""Tell the emulated account what a stack file takes for granted.

POST /_sandbox/certificate?arn=ARN&domain=NAME (with days=N in the place of one that is there) and
/_sandbox/quota?code=L-0EA8095F&value=100. On AWS a person has made the certificate, and has asked Service Quotas for
more; no call of AWS's API does either, so the paths are the sandbox's own. GET /_sandbox/authority is who has signed
the certificates, which on AWS everybody knows.
"""

from typing import Any

from ministack import app

from cloud.account import quotas
from cloud.acm import certificates, server
from cloud.core import partition, patch
from cloud.elb import nodes


async def _answer(old: Any, path: str, method: str, query_params: dict[str, Any]) -> Any:
    if (method, path) == ("GET", "/_sandbox/authority"):
        return 200, {"Content-Type": "application/x-pem-file"}, server.authority().encode()
    given = {name: values[0] for name, values in query_params.items()}
    if (method, path) == ("POST", "/_sandbox/certificate"):
        days = int(given["days"]) if "days" in given else None
        certificates.give(partition.here().inward(given["arn"]), given["domain"], days)
        nodes.look_again()
    elif (method, path) == ("POST", "/_sandbox/quota"):
        quotas.give(given["code"], int(given["value"]))
    else:
        return await old(path, method, query_params)
    return 200, {"Content-Type": "application/json"}, b"{}"


def install() -> None:
    """Answer the paths beside MiniStack's own ones."""
    patch.wrap(app, "_handle_admin_reset", _answer, "path method query_params")
