"""The conditions of listeners' rules."""

import ipaddress
import re
from collections import Counter
from typing import Any

from cloud.requests.rules import Call, Refused, rule

# Each field with the member that it has values in, and the longest value.
_FIELDS = {
    "path-pattern": ("PathPatternConfig", 128),
    "host-header": ("HostHeaderConfig", 128),
    "http-header": ("HttpHeaderConfig", 128),
    "http-request-method": ("HttpRequestMethodConfig", 40),
    "query-string": ("QueryStringConfig", 128),
    "source-ip": ("SourceIpConfig", 43),
}
_ONCE = ("path-pattern", "host-header", "http-request-method", "source-ip")
_PLAIN = ("path-pattern", "host-header")
_HEADER = "(?i:(?!host$)[!#$%&'*+.^_`|~0-9a-z-]{1,40})"
_VALUES = 5
_CHARACTERS = {
    "host-header": r"[A-Za-z0-9.*?-]+",
    "path-pattern": r"[A-Za-z0-9_\-.$/~\"'@:+&*?]+",
    "http-request-method": "[A-Z_-]+",
}


@rule("elbv2", "CreateRule ModifyRule")
def _conditions(call: Call) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html"""
    given = call.parameters.get("Conditions") or []
    total = 0
    for each in given:
        total += _condition(each)
    if total > _VALUES:
        words = f"A rule can only have '{_VALUES}' condition values"
        raise Refused("ValidationError", words)
    for field, count in Counter(each["Field"] for each in given).items():
        if count > 1 and field in _ONCE:
            raise Refused("ValidationError", f"You can only specify one '{field}' condition per rule")


def _condition(condition: dict[str, Any]) -> int:
    """Check a condition, and count its values."""
    field = condition.get("Field") or ""
    if field not in _FIELDS:
        words = f"Condition field '{field}' must be one of '[{','.join(_FIELDS)}]'"
        raise Refused("ValidationError", words)
    member, longest = _FIELDS[field]
    plain, config = condition.get("Values"), condition.get(member) or {}
    values = plain or config.get("Values") or []
    problem = ""
    if plain and field not in _PLAIN:
        problem = f"The 'Values' field is not compatible with '{field}'"
    elif plain and config:
        problem = f"You cannot provide both Values and '{member}' for a condition of type '{field}'"
    elif not config and field not in _PLAIN:
        problem = f"A '{member}' must be specified with '{field}'"
    elif not values and not config.get("RegexValues"):
        problem = "A condition value must be specified"
    elif field == "http-header" and not re.fullmatch(_HEADER, config.get("HttpHeaderName") or ""):
        problem = "The 'HttpHeaderName' value is invalid"
    for value in values:
        text = value if isinstance(value, str) else value.get("Value") or ""
        problem = problem or _value(field, text, longest)
    if problem:
        raise Refused("ValidationError", problem)
    return len(values)


def _value(field: str, text: str, longest: int) -> str:
    if not text and field == "query-string":
        return "A 'Value' must be specified in 'QueryStringKeyValuePair'"
    if len(text) > longest:
        return f"The '{field}' value is too long; the limit is '{longest}'"
    if not re.fullmatch(_CHARACTERS.get(field, ".+"), text) or (field == "source-ip" and not _is_range(text)):
        return f"The '{field}' value '{text}' is invalid"
    return ""


def _is_range(text: str) -> bool:
    try:
        return "/" in text and bool(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return False
