"""Tell an operation that AWS does not know from one that the sandbox lacks.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html (``UnknownOperationException``),
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (``InvalidAction``). MiniStack says "Unknown
action" of both.
"""

import json
import re

from cloud.requests.decode import Decoded

_TOLD = re.compile(rb"Unknown (?:\w+ )?(?:action|operation): (\w*)")


def reply(
    service: str, decoded: Decoded | None, headers: dict[str, str], body: bytes, response: tuple[int, dict, bytes]
) -> tuple[int, dict, bytes]:
    """The service's answer, in AWS's words where it says that an operation is unknown."""
    status, answered, text = response
    told = _TOLD.search(text) if status == 400 and isinstance(text, bytes) else None
    if told is None:
        return response
    if decoded is not None:
        words = f"{decoded.operation.name} is an operation of AWS that this sandbox lacks"
    elif "json" in headers.get("content-type", ""):
        return status, answered, json.dumps({"__type": "UnknownOperationException"}).encode()
    elif service == "ec2":
        words = f"The action {told[1].decode()} is not valid for this web service."
    else:
        version = re.search(rb"(?:^|&)Version=([\d-]+)", body)
        words = f"Could not find operation {told[1].decode()} for version {version[1].decode() if version else ''}"
    return status, answered, text.replace(told[0], words.encode())
