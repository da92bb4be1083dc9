"""What S3 refuses of buckets and their simple settings."""

import re

from ministack.services import s3

from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    s3: (
        "_bucket_has_versions _bucket_object_lock _bucket_owner_account _bucket_owner_enforced _bucket_replication "
        "_bucket_versioning _buckets bucket_region"
    ),
}

_SETTINGS = (
    "PutBucketAccelerateConfiguration PutBucketEncryption PutBucketLifecycleConfiguration PutBucketLogging "
    "PutBucketOwnershipControls PutBucketPolicy PutBucketReplication PutBucketTagging PutBucketVersioning "
    "PutPublicAccessBlock"
)
_RESERVED = re.compile(r"(xn--|sthree-|amzn-s3-demo-).*|.*(-s3alias|--ols-s3|\.mrap|--x-s3|--table-s3)")
_TAG = re.compile(r"[\w\s.:/=+\-@]*")
_TAGS = 50
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


@rule("s3", _SETTINGS)
def _existing(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList"""
    name = call.parameters["Bucket"]
    if s3._bucket_owner_account(name) is None:
        raise Refused("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)


@rule("s3", "CreateBucket")
def _name(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html: some are AWS's own"""
    name = call.parameters["Bucket"]
    if _RESERVED.fullmatch(name):
        raise Refused("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)


@rule("s3", "DeleteBucket")
def _versions(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html"""
    name = call.parameters["Bucket"]
    if s3._bucket_versioning.get(name) and s3._bucket_has_versions(name):
        raise Refused(
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
            409,
            BucketName=name,
        )


@rule("s3", "PutBucketTagging PutObjectTagging")
def _tags(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging.html"""
    keys = set()
    for tag in call.parameters["Tagging"]["TagSet"]:
        key, value = tag["Key"], tag.get("Value") or ""
        if key.lower().startswith("aws:"):
            raise Refused("InvalidTag", "System tags cannot be added/updated by requester", TagKey=key)
        if key in keys:
            raise Refused("InvalidTag", "Cannot provide multiple Tags with the same key", TagKey=key)
        if len(key) > 128 or not _TAG.fullmatch(key):
            raise Refused("InvalidTag", "The TagKey you have provided is invalid", TagKey=key)
        if len(value) > 256 or not _TAG.fullmatch(value):
            raise Refused("InvalidTag", "The TagValue you have provided is invalid", TagKey=key, TagValue=value)
        keys.add(key)
    if call.operation == "PutBucketTagging" and len(keys) > _TAGS:
        raise Refused("BadRequest", f"Bucket tag count cannot be greater than {_TAGS}")


@rule("s3", "PutBucketVersioning")
def _versioning(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html; what relies on versions keeps them:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html"""
    name, status = call.parameters["Bucket"], call.parameters["VersioningConfiguration"].get("Status")
    if not status:
        raise Refused("IllegalVersioningConfigurationException", "The Versioning element must be specified")
    for what, store in (("replication", s3._bucket_replication), ("Object Lock", s3._bucket_object_lock)):
        if status == "Suspended" and store.get(name):
            article = "An" if what == "Object Lock" else "A"
            raise Refused(
                "InvalidBucketState",
                f"{article} {what} configuration is present on this bucket, so the versioning state cannot be changed.",
                409,
            )


@rule("s3", "PutBucketEncryption")
def _encryption(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html, which says that S3 does not look up
    the key: only what is written under an absent key is refused."""
    rules = call.parameters["ServerSideEncryptionConfiguration"]["Rules"]
    if len(rules) != 1:
        raise Refused("MalformedXML", MALFORMED)
    default = rules[0].get("ApplyServerSideEncryptionByDefault") or {}
    if default.get("KMSMasterKeyID") and default.get("SSEAlgorithm") not in ("aws:kms", "aws:kms:dsse"):
        raise Refused(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            ArgumentName="ApplyServerSideEncryptionByDefault",
        )


@rule("s3", "PutBucketLogging")
def _logging(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html: a bucket of the same owner and region,
    and no grants where that bucket takes no ACLs"""
    wanted = call.parameters["BucketLoggingStatus"].get("LoggingEnabled")
    if not wanted:
        return
    source, target = call.parameters["Bucket"], wanted.get("TargetBucket", "")
    if target not in s3._buckets:
        raise Refused(
            "InvalidTargetBucketForLogging", "The target bucket for logging does not exist", TargetBucket=target
        )
    here, there = s3.bucket_region(source), s3.bucket_region(target)
    if here != there:
        places = {"SourceBucketLocation": here, "TargetBucketLocation": there}
        raise Refused("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403, **places)
    if wanted.get("TargetGrants") and s3._bucket_owner_enforced(s3._buckets[target]):
        raise Refused("AccessControlListNotSupported", "The bucket does not allow ACLs")


@rule("s3", "PutBucketAccelerateConfiguration")
def _acceleration(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html#transfer-acceleration-requirements"""
    if not call.parameters["AccelerateConfiguration"].get("Status"):
        raise Refused("MalformedXML", MALFORMED)
    if "." in call.parameters["Bucket"]:
        raise Refused(
            "InvalidRequest", "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        )
