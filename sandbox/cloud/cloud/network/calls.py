"""Answer a call of AWS's APIs only when the way of the caller's interface leads to it; else it hangs, as on AWS.

https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html: from a VPC AWS's APIs are
reached by an endpoint or by the internet. Every task finds them at one address here, so the way is judged when a call
comes, by who calls and what. Credentials and metadata of a task need no way of the VPC
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html).
"""

import logging
import re
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import router
from ministack.core.responses import request_scope

from cloud.core import patch
from cloud.network import interfaces, namespaces, ways

# What this module uses of MiniStack.
NEEDS = {
    router: "detect_service extract_signed_region",
}

log = logging.getLogger(__name__)
_LOCAL = re.compile(r"/v[234]/")
# What AWS does not have is for the machine alone.
_OWN = re.compile(r"/_(sandbox|ministack)/")
# How endpoints call services: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_NAMES = {"ecr": "ecr.api"}


def lacks(owner: str, service: str, region: str = "") -> str:
    """What is missing on the way of a task to an AWS API, such as ``ssm``; nothing when a call arrives."""
    return next((ways.lacks_service(each, service, region) for each in interfaces.of(owner)), "")


async def _judged(old: Any, scope: Any, receive: Any, send: Any) -> None:
    caller = namespaces.at((scope.get("client") or ("",))[0]) if scope["type"] == "http" else None
    if caller and _OWN.match(scope["path"]):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    if caller is None or _LOCAL.match(scope["path"]):
        await old(scope, receive, send)
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    service = router.detect_service(scope["method"], scope["path"], headers, query)
    region = router.extract_signed_region(headers, query)
    with request_scope(caller.account, caller.region):
        missing = lacks(caller.owner, _NAMES.get(service, service), region or "")
    if missing:
        log.warning("a call to %s by %s hangs: %s", service, caller.owner, missing)
        while (await receive())["type"] != "http.disconnect":
            continue
        return
    await old(scope, receive, send)


def install() -> None:
    """Stand before the API."""
    patch.wrap(app, "app", _judged, "scope receive send")
