"""Where AWS takes more than its model says, or words a broken constraint in a way of its own."""

from collections.abc import Callable

from cloud.requests.constraints import Violation
from cloud.requests.rules import Refused

# (service, operation, path): the document or the report that says that AWS takes the value.
LAXER: dict[tuple[str, str, str], str] = {}

# Else a service says ValidationError by the query protocol and ValidationException by JSON.
_CODES = {
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
    "logs": "InvalidParameterException",
    # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
    "ecr": "InvalidParameterException",
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
    "ecs": "InvalidParameterException",
}


def refusal(service: str, protocol: str, broken: list[Violation]) -> Refused:
    """The service's error for broken constraints."""
    if words := _WORDS.get(service):
        return words(broken[0])
    code = _CODES.get(service) or ("ValidationError" if protocol == "query" else "ValidationException")
    count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected"
    return Refused(code, f"{count}: {'; '.join(map(str, broken))}")


def unreadable(protocol: str, why: str) -> Refused:
    """The error for text in the place of a number: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html."""
    return Refused("SerializationException" if "json" in protocol else "MalformedInput", why)


def _parameter(path: str) -> str:
    """``subnetIds.1.member`` as the query protocol names it: ``SubnetIds.1``."""
    return ".".join(part[:1].upper() + part[1:] for part in path.split(".") if part != "member")


def _ec2(broken: Violation) -> Refused:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    if broken.missing:
        return Refused("MissingParameter", f"The request must contain the parameter {_parameter(broken.path)}")
    name = broken.path.rsplit(".", 1)[-1] if not broken.path.endswith(".member") else broken.path.split(".")[-3]
    return Refused(
        "InvalidParameterValue", f"Value ({broken.value}) for parameter {name} is invalid. Must {broken.constraint}"
    )


def _rds(broken: Violation) -> Refused:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html"""
    if broken.missing:
        return Refused("MissingParameter", f"The request must contain the parameter {_parameter(broken.path)}.")
    return Refused(
        "InvalidParameterValue",
        f"Invalid value '{broken.value}' for {_parameter(broken.path)}. Must {broken.constraint}",
    )


def _s3(broken: Violation) -> Refused:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList"""
    if broken.shape.serialization.get("location") == "header":
        name = broken.shape.serialization.get("name", broken.path)
        return Refused(
            "InvalidArgument", f"Invalid value for {name}", ArgumentName=name, ArgumentValue=str(broken.value)
        )
    return Refused(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )


_WORDS: dict[str, Callable[[Violation], Refused]] = {"ec2": _ec2, "rds": _rds, "s3": _s3}
