"""Write objects as an AWS service does that delivers logs: the bucket's policy has to let it in.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html (log delivery) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services.
"""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "EvalContext evaluate_resource_policy",
    s3: "_bucket_policies _buckets _put_object",
}


def lets_in(bucket: str, service: str, source: str, action: str, key: str = "", **keys: str) -> bool:
    """Whether a bucket's policy lets a service act for the resource ``source``; ``keys`` are those of S3."""
    policy = s3._bucket_policies.get(bucket)
    if bucket not in s3._buckets or not policy:
        return False
    asked = iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else ""),
        region=get_region(),
        service_context={
            "aws:sourcearn": source,
            "aws:sourceaccount": get_account_id(),
            "aws:securetransport": "true",
            **{f"s3:{name.replace('_', '-')}": value for name, value in keys.items()},
        },
    )
    document = policy.decode() if isinstance(policy, bytes) else policy
    return iam_evaluator.evaluate_resource_policy(document, asked, service=service).decision == "Allow"


def put(bucket: str, key: str, body: bytes, service: str, source: str, **headers: str) -> bool:
    """Write an object where the bucket's policy lets the service; ``headers`` are what it sends, without ``x-amz-``."""
    sent = {f"x-amz-{name.replace('_', '-')}": value for name, value in headers.items()}
    if not lets_in(
        bucket, service, source, "s3:PutObject", key, **{f"x_amz_{name}": each for name, each in headers.items()}
    ):
        return False
    status, _, _ = s3._put_object(bucket, key, body, sent)
    return bool(status == 200)
