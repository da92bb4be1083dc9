"""What S3 refuses of objects; MiniStack refuses more."""

from cloud.requests.rules import Call, Refused, rule

_KEY, _METADATA = 1024, 2048


@rule("s3", "CopyObject CreateMultipartUpload PutObject")
def _sizes(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""
    size = len(call.parameters["Key"].encode())
    if size > _KEY:
        members = {"Size": str(size), "MaxSizeAllowed": str(_KEY)}
        raise Refused("KeyTooLongError", "Your key is too long", **members)
    size = sum(len(part.encode()) for pair in (call.parameters.get("Metadata") or {}).items() for part in pair)
    if size > _METADATA:
        members = {"Size": str(size), "MaxSizeAllowed": str(_METADATA)}
        raise Refused("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", **members)


@rule("s3", "CopyObject CreateMultipartUpload PutObject")
def _encryption(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"""
    algorithm = call.parameters.get("ServerSideEncryption")
    if call.parameters.get("SSEKMSKeyId") and algorithm not in ("aws:kms", "aws:kms:dsse"):
        raise Refused(
            "InvalidArgument",
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : "
            "aws:kms",
            ArgumentName="x-amz-server-side-encryption",
            ArgumentValue=str(algorithm),
        )
