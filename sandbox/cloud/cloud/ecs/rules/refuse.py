"""Refuse with the two codes that ECS has for a wrong request."""

from typing import Any

from cloud.requests.rules import Refused


def client(right: Any, message: str) -> None:
    """ClientException, unless something is right."""
    if not right:
        raise Refused("ClientException", message)


def parameter(right: Any, message: str) -> None:
    """InvalidParameterException, unless something is right."""
    if not right:
        raise Refused("InvalidParameterException", message)
