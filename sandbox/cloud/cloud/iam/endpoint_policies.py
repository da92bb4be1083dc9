"""Hold a call that takes a VPC endpoint against the endpoint's policy as well.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html: the policy must allow what the policies of
the caller and of the resource allow; the principals of a gateway endpoint's are everybody or the root user, others are
conditions on ``aws:PrincipalArn``. A service that calls for somebody takes no endpoint. The words are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html. MiniStack keeps the policies.
"""

import json
import logging
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from cloud.core import patch
from cloud.iam import origin, policies

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "EvalContext EvalResult evaluate_resource_policy",
}

log = logging.getLogger(__name__)
_EVERYBODY = ("*", {"AWS": "*"}, {"AWS": ["*"]})

# What MiniStack evaluates in the call under way, and whether an endpoint refuses that.
_context: ContextVar[Any] = ContextVar("evaluated_context", default=None)
_refused: ContextVar[bool] = ContextVar("endpoint_refused", default=False)


def judge(endpoint: dict[str, Any], context: Any) -> str:
    """What the policy of an endpoint says to a call: Allow, Deny or ImplicitDeny."""
    document = json.loads(endpoint.get("PolicyDocument") or "{}")
    if endpoint["VpcEndpointType"] == "Gateway" and context.principal_type != "Root":
        document = {"Statement": [each for each in policies.each(document) if each.get("Principal") in _EVERYBODY]}
    return str(iam_evaluator.evaluate_resource_policy(document, context).decision)


def serves_layers(endpoint: dict[str, Any], region: str) -> bool:
    """Whether an endpoint for S3 lets layers of images through, which ECR's own account gives by links that it signs.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html, minimum permissions of the S3 gateway.
    """
    caller, account = "arn:aws:sts::000000000000:assumed-role/layers/of-ecr", "000000000000"
    layers = f"arn:aws:s3:::prod-{region}-starport-layer-bucket/layer"
    call = iam_evaluator.EvalContext(caller, "AssumedRole", account, "s3:GetObject", layers, region)
    return judge(endpoint, call) == "Allow"


def _evaluate(old: Any, ctx: Any, *rest: Any) -> Any:
    _context.set(ctx)
    return old(ctx, *rest)


def _enforce(old: Any, *asked: Any, **more: Any) -> Any:
    _context.set(None)
    _refused.set(False)
    denied, context = old(*asked, **more), _context.get()
    if denied is not None or context is None or "kms:viaservice" in context.service_context:
        return denied
    session = context.principal_arn.rsplit("/", 1)[-1]
    endpoint = origin.endpoint(context.source_ip, session, context.action, context.region)
    decision = judge(endpoint, context) if endpoint else "Allow"
    if endpoint is None or decision == "Allow":
        return None
    what = f"{context.action} on {context.resource_arn}"
    log.warning("%s may not %s: the policy of %s", context.principal_arn, what, endpoint["VpcEndpointId"])
    _refused.set(True)
    return iam_evaluator.EvalResult(decision, context.principal_arn)


def _words(old: Any, action: str, principal_arn: str, resource: str, explicit_deny: bool) -> str:
    found = str(old(action, principal_arn, resource, explicit_deny))
    if not _refused.get():
        return found
    return found.replace("an identity-based policy", "a VPC endpoint policy").replace(
        "no identity-based policy", "no VPC endpoint policy"
    )


def install() -> None:
    """Put this inside of the authorization, which asks for each action of a call."""
    patch.wrap(iam_evaluator, "evaluate", _evaluate, "ctx policies limits")
    patch.wrap(
        iam_evaluator, "enforce", _enforce, "access_key_id iam_action service region resource_arn service_context"
    )
    patch.wrap(iam_actions, "identity_denial_message", _words, "action principal_arn resource explicit_deny")
