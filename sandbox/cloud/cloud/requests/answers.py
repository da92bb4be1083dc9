"""Complete what a service answers: defaults, and what other services' resources make of this one.

A completion stands with its service (``cloud/<service>/answers.py``), names the operations whose answers it completes
and, in its docstring, the AWS document that says what they hold. It gets the answer as boto3 shows it.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from botocore.parsers import create_parser
from moto.core.serialize import SerializationContext, get_serializer_class

from cloud.requests.decode import Decoded
from cloud.requests.rules import Call

Completion = Callable[[Call, dict[str, Any]], None]
Response = tuple[int, dict[str, str], Any]

_completions: defaultdict[tuple[str, str], list[Completion]] = defaultdict(list)


def completes(service: str, operations: str) -> Callable[[Completion], Completion]:
    """Register a completion for operations of a service, separated by spaces. It changes the answer in place."""

    def register(function: Completion) -> Completion:
        for operation in operations.split():
            _completions[service, operation].append(function)
        return function

    return register


def shown(answer: dict[str, Any], many: str, one: str = "") -> list[dict[str, Any]]:
    """What an answer shows: the list that some operations have, or the one thing that others have."""
    return [*answer.get(many, []), *([answer[one]] if one in answer else [])]


def complete(decoded: Decoded, response: Response) -> Response:
    """The response to a call that succeeded, with what the completions add."""
    status, headers, body = response
    functions = _completions.get((decoded.call.service, decoded.operation.name))
    if not functions or status >= 300:
        return response
    operation, protocol = decoded.operation, decoded.protocol
    parser = create_parser(protocol)
    raw = {"status_code": status, "headers": headers, "body": body}
    answer = parser.parse(raw, operation.output_shape)
    request_id = answer.pop("ResponseMetadata", {}).get("RequestId")
    for function in functions:
        function(decoded.call, answer)
    kind = get_serializer_class(operation.service_model.service_name, protocol)
    written: Any = kind(operation, SerializationContext(request_id)).serialize(answer)
    text = written["body"]
    return status, {**headers, **written["headers"]}, text if isinstance(text, bytes) else text.encode()
