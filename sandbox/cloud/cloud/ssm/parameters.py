"""Keep the KMS key of a SecureString parameter when its value is overwritten.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html. A parameter that is overwritten
without ``KeyId`` stays under the key that it has: AWS's Terraform provider relies on it and names the key only when it
changes. MiniStack puts the value under the account's default key, which the roles of the program may not use.
"""

from typing import Any

from ministack.services import ssm

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ssm: "_parameters",
}


def install() -> None:
    """Add the key to a call that overwrites without naming one."""
    patch.wrap(ssm, "_put_parameter", _put, "data")


def _put(old: Any, data: dict[str, Any]) -> Any:
    found = ssm._parameters.get(data.get("Name", ""))
    if data.get("Overwrite") and not data.get("KeyId") and found and found.get("KeyId"):
        data = data | {"KeyId": found["KeyId"]}
    return old(data)
