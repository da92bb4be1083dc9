"""Read a request as the service's model describes it, and write an error in the service's protocol.

Both by moto's parsers and serializers, which follow botocore's models: https://smithy.io/2.0/aws/protocols/index.html.
"""

import functools
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import botocore.session
from ministack.core import responses
from ministack.services import s3
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.exceptions import NotFound

from cloud.requests.rules import Call, Refused

# What this module uses of MiniStack.
NEEDS = {responses: "get_account_id get_region", s3: "_error"}

# MiniStack names services as signatures do; botocore's models of some have other names.
_MODELS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
# SDKs whose models are newer than botocore's name CloudTrail's calls without the package:
# https://github.com/aws/aws-sdk-go-v2/blob/main/service/cloudtrail/serializers.go
_SHORT, _PACKAGE = "CloudTrail_20131101.", "com.amazonaws.cloudtrail.v20131101."


@dataclass(frozen=True)
class Decoded:
    """A call, and how it came."""

    call: Call
    operation: OperationModel
    protocol: str
    unreadable: str | None  # why a value could not be read


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())


def decode(service: str, method: str, path: str, headers: dict, body: bytes, query: dict) -> Decoded | None:
    """The call of a request; None where no model tells its operation."""
    name = _MODELS.get(service, service)
    if name not in _known():
        return None
    url = f"http://{headers.get('host') or 'localhost'}{quote(path)}?{urlencode(query, doseq=True)}"
    if (target := headers.get("x-amz-target", "")).startswith(_SHORT):
        headers = {**headers, "x-amz-target": _PACKAGE + target}
    request = Request.from_primitives(method, url, headers, body)
    try:
        operation, labels = get_service_router(name).match(request)
        protocol = determine_request_protocol(operation.service_model, request.content_type)
    except (NotFound, NotImplementedError):
        return None
    version = request.values.get("Version")
    if protocol == "query" and version and version != operation.service_model.api_version:
        return None  # an older API under the same name, such as that of classic balancers
    parser = PROTOCOL_PARSERS[protocol](operation)
    parts = {"method": method, "values": request.values, "headers": request.headers, "body": body}
    unreadable = None
    try:
        if "json" in protocol and body:
            json.loads(body)
        found = parser.parse({**parts, "url_path": request.path, "url_params": labels}) or {}
    except (ValueError, TypeError, AttributeError) as error:  # no JSON, or text where a number has to be
        found, unreadable = {}, str(error)
    call = Call(name, operation.name, found, responses.get_region(), responses.get_account_id())
    return Decoded(call, operation, protocol, unreadable)


def answer(decoded: Decoded, path: str, refused: Refused, request_id: str) -> tuple[int, dict, bytes]:
    """The service's answer to a refused call."""
    if decoded.call.service == "s3":
        return s3._error(refused.code, refused.message, refused.status or 400, path, refused.members)
    kind = get_serializer_class(decoded.call.service, decoded.protocol)
    written: Any = kind(decoded.operation, SerializationContext(request_id)).serialize(refused)
    return refused.status or written["status_code"], dict(written["headers"]), written["body"].encode()
