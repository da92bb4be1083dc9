"""What KMS says of keys, where MiniStack says less or more.

https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html and API_GetKeyRotationStatus.html.
"""

from datetime import timedelta
from typing import Any

from ministack.services import kms

from cloud.requests.answers import completes
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {
    kms: "_resolve_key",
}


@completes("kms", "CreateKey DescribeKey")
def _metadata(call: Call, answer: dict[str, Any]) -> None:
    """Algorithms are those of the key's use."""
    metadata = answer["KeyMetadata"]
    metadata["AWSAccountId"] = call.account
    for name in ("EncryptionAlgorithms", "SigningAlgorithms"):
        if not metadata.get(name):
            metadata.pop(name, None)


@completes("kms", "GetKeyRotationStatus")
def _rotation(call: Call, answer: dict[str, Any]) -> None:
    """The first rotation is a period after rotation was enabled, which the program does as it creates the key."""
    key = kms._resolve_key(call.parameters["KeyId"])
    answer["KeyId"] = key["KeyId"]
    if answer["KeyRotationEnabled"]:
        period = timedelta(days=answer["RotationPeriodInDays"])
        answer["NextRotationDate"] = key["CreationDate"] + period.total_seconds()
