"""The account's quotas: AWS's defaults until it is told of others (``given``).

https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
"""

# Inbound or outbound rules per security group.
RULES_PER_GROUP = "L-0EA8095F"
# vCPUs of Fargate, on demand and on Spot.
_ON_DEMAND, _SPOT = "L-3032A538", "L-36FBB829"

_services = {RULES_PER_GROUP: "vpc", _ON_DEMAND: "fargate", _SPOT: "fargate"}
_values = {RULES_PER_GROUP: 60, _ON_DEMAND: 6, _SPOT: 6}


def service_of(code: str) -> str | None:
    """Whose quota it is, as Service Quotas names services."""
    return _services.get(code)


def get(code: str) -> int:
    """What the quota allows."""
    return _values[code]


def give(code: str, value: int) -> None:
    """Raise a quota; of several stacks' the largest counts."""
    _values[code] = max(value, _values.get(code, 0))
