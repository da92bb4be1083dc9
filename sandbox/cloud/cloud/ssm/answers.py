"""What Parameter Store shows of parameters: only what was given.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html. MiniStack shows empty texts.
"""

from typing import Any

from cloud.requests.answers import completes, shown
from cloud.requests.rules import Call


@completes("ssm", "DescribeParameters GetParameterHistory")
def _metadata(call: Call, answer: dict[str, Any]) -> None:
    for parameter in shown(answer, "Parameters"):
        for name in ("AllowedPattern", "Description"):
            if not parameter.get(name):
                parameter.pop(name, None)
        parameter.setdefault("Policies", [])
