"""Tell whether an AWS service may use a key.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html: a service that acts for nobody else is
let in by the key's policy alone.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "EvalContext evaluate_resource_policy",
    kms: "_resolve_key",
}


def find(reference: str) -> dict[str, Any] | None:
    """The key of this account and region that an id, an ARN or an alias means."""
    found: dict[str, Any] | None = kms._resolve_key(reference)
    return found


def lets_in(key: dict[str, Any], service: str, actions: tuple[str, ...], source: str, context: dict[str, str]) -> bool:
    """Whether the key's policy lets a service do all actions for the resource ``source`` in an encryption context."""
    account, region = get_account_id(), get_region()
    keys = {f"kms:encryptioncontext:{name}".lower(): value for name, value in context.items()}
    for action in actions:
        asked = iam_evaluator.EvalContext(
            principal_arn=service,
            principal_type="Service",
            principal_account=account,
            action=action,
            resource_arn=key["Arn"],
            region=region,
            service_context={
                **keys,
                "kms:encryptioncontextkeys": list(context),
                "kms:calleraccount": account,
                "aws:sourceaccount": account,
                "aws:sourcearn": source,
            },
        )
        if iam_evaluator.evaluate_resource_policy(key["Policy"], asked, service=service).decision != "Allow":
            return False
    return True
