"""Whether an AWS service may assume a role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services, with the
keys against confused deputies: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
"""

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import iam

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "get_scoped",
    iam: "_roles",
    iam_evaluator: "evaluate_resource_policy",
}


def assumable(role: str, service: str, region: str, source: str = "") -> bool:
    """Whether a role exists and trusts a service, which tells for what resource it acts, ``source``, or does not."""
    parts = role.split(":", 5)
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return False
    found = iam._roles.get_scoped(parts[4], None, parts[5].rpartition("/")[2])
    if found is None or found["Arn"].split(":", 2)[2] != role.split(":", 2)[2]:
        return False
    call = EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=parts[4],
        action="sts:AssumeRole",
        resource_arn=role,
        region=region,
        service_context={"aws:sourceaccount": parts[4], "aws:sourcearn": source} if source else {},
    )
    # A trust policy has no resources: the role itself is what it is about.
    trust = found["AssumeRolePolicyDocument"]
    return iam_evaluator.evaluate_resource_policy(trust, call, service=service).decision == "Allow"
