"""Which events a trail takes.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html and API_AdvancedFieldSelector.html.
"""

from typing import Any

_OPERATORS = {
    "Equals": lambda value, wanted: value == wanted,
    "StartsWith": lambda value, wanted: value.startswith(wanted),
    "EndsWith": lambda value, wanted: value.endswith(wanted),
}


def takes(selectors: list[dict[str, Any]], event: dict[str, Any]) -> bool:
    """Whether one of the selectors takes an event."""
    return any(_advanced(each, event) if "FieldSelectors" in each else _basic(each, event) for each in selectors)


def _resource(event: dict[str, Any]) -> tuple[str, str]:
    first = (event.get("resources") or [{}])[0]
    return first.get("type", ""), first.get("ARN", first.get("ARNPrefix", ""))


def _basic(selector: dict[str, Any], event: dict[str, Any]) -> bool:
    if selector.get("ReadWriteType", "All") not in ("All", "ReadOnly" if event["readOnly"] else "WriteOnly"):
        return False
    if event["eventCategory"] == "Management":
        excluded = selector.get("ExcludeManagementEventSources") or []
        return bool(selector.get("IncludeManagementEvents", True)) and event["eventSource"] not in excluded
    kind, arn = _resource(event)
    return any(
        each["Type"] == kind and any(arn.startswith(value) for value in each.get("Values") or [])
        for each in selector.get("DataResources") or []
    )


def _advanced(selector: dict[str, Any], event: dict[str, Any]) -> bool:
    """All of the fields have to fit; of the values of an operator, one, and of a negated one, none."""
    kind, arn = _resource(event)
    fields = {
        "eventCategory": event["eventCategory"],
        "eventName": event["eventName"],
        "eventSource": event["eventSource"],
        "readOnly": str(event["readOnly"]).lower(),
        "resources.type": kind,
        "resources.ARN": arn,
    }
    for each in selector["FieldSelectors"]:
        value = fields.get(each["Field"], "")
        for name, fits in _OPERATORS.items():
            if each.get(name) and not any(fits(value, wanted) for wanted in each[name]):
                return False
            if any(fits(value, wanted) for wanted in each.get(f"Not{name}") or []):
                return False
    return True
