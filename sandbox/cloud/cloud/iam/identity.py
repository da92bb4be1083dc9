"""What a role may do by its own policies, within its boundary.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, for services that ask before
they take a role for something.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "EvalContext _gather_role_policies _permissions_boundary evaluate",
    iam: "_roles",
}


def decision(role: str, action: str, resource: str = "*", context: dict[str, Any] | None = None) -> str:
    """Allow, Deny or ImplicitDeny for a role, by its ARN, and an action."""
    account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
    asked = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context=context or {},
    )
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    return str(iam_evaluator.evaluate(asked, iam_evaluator._gather_role_policies(name, account), *limits).decision)


def may(role: str, action: str, resource: str = "*", context: dict[str, Any] | None = None) -> bool:
    """Whether a role, by its ARN, may do an action."""
    return decision(role, action, resource, context) == "Allow"
