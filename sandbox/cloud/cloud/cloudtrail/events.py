"""What CloudTrail writes of a call.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html and
cloudtrail-event-reference-user-identity.html; which calls are data events:
logging-data-events-with-cloudtrail.html#logging-data-events.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import new_uuid

from cloud.core import clock
from cloud.requests.decode import Decoded

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "resolve_caller_identity",
}

_OBJECT = "AWS::S3::Object"
# Calls on objects that name no key, and the data events of other services, by the kind of their resource.
_DATA = {
    ("s3", "ListObjects"): _OBJECT,
    ("s3", "ListObjectsV2"): _OBJECT,
    ("s3", "DeleteObjects"): _OBJECT,
    ("lambda", "Invoke"): "AWS::Lambda::Function",
    ("sns", "Publish"): "AWS::SNS::Topic",
    ("cloudwatch", "PutMetricData"): "AWS::CloudWatch::Metric",
    ("cloudwatch", "GetMetricData"): "AWS::CloudWatch::Metric",
}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html: these are no events.
_UNRECORDED = frozenset({"PutLogEvents", "GetLogEvents", "FilterLogEvents", "StartLiveTail"})
_READING = re.compile(r"(Get|List|Describe|Head|Lookup|BatchGet|BatchCheck|Filter|Decrypt|Encrypt|GenerateDataKey)")
_HIDDEN = frozenset({"value", "password", "masterUserPassword", "secretString", "stringValue"})
_ERROR = re.compile(rb"<Code>([^<]+)</Code>\s*<Message>([^<]*)</Message>")


def category(decoded: Decoded) -> tuple[str, str]:
    """``Data`` with the kind of the resource, ``Management``, or nothing where no event is made of a call."""
    call = decoded.call
    if call.service == "s3" and "Key" in call.parameters:
        return "Data", _OBJECT
    if kind := _DATA.get((call.service, call.operation)):
        return "Data", kind
    return ("", "") if call.operation in _UNRECORDED else ("Management", "")


def make(
    decoded: Decoded, access_key: str, address: str, headers: dict, response: tuple, request_id: str
) -> dict | None:
    """The event; None where nobody is known who called."""
    identity = _identity(access_key)
    if identity is None:
        return None
    call, model = decoded.call, decoded.operation.service_model
    kind, resource = category(decoded)
    event: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": datetime.fromtimestamp(clock.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{model.signing_name}.amazonaws.com",
        "eventName": "ListObjects" if call.operation == "ListObjectsV2" else call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": address,
        "userAgent": headers.get("user-agent", ""),
        **_error(call.service, response),
        "requestParameters": _shown(call.parameters) or None,
        "responseElements": None,
        "requestID": request_id,
        "eventID": new_uuid(),
        "readOnly": bool(_READING.match(call.operation)),
        "eventType": "AwsApiCall",
        "managementEvent": kind == "Management",
        "recipientAccountId": call.account,
        "eventCategory": kind,
    }
    if resource == _OBJECT:
        bucket, key = call.parameters.get("Bucket", ""), call.parameters.get("Key", "")
        event["resources"] = [
            {"type": _OBJECT, "ARN" if key else "ARNPrefix": f"arn:aws:s3:::{bucket}/{key}"},
            {"accountId": call.account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ]
    return event


def _identity(access_key: str) -> dict[str, Any] | None:
    found = iam_evaluator.resolve_caller_identity(access_key)
    if found is None:
        return None
    arn, account = found["userArn"], found["accountId"]
    identity = {"principalId": found["userId"], "arn": arn, "accountId": account, "accessKeyId": access_key}
    if arn.endswith(":root"):
        return {"type": "Root", **identity}
    if ":assumed-role/" not in arn:
        return {"type": "IAMUser", **identity, "userName": arn.rpartition("/")[2]}
    role = arn.split("/")[1]
    issuer = {
        "type": "Role",
        "principalId": found["userId"].partition(":")[0],
        "arn": f"arn:aws:iam::{account}:role/{role}",
        "accountId": account,
        "userName": role,
    }
    return {"type": "AssumedRole", **identity, "sessionContext": {"sessionIssuer": issuer}}


def _error(service: str, response: tuple) -> dict[str, str]:
    """EC2's codes say whose fault it is: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html."""
    status, headers, body = response[:3]
    if status < 400:
        return {}
    code, message = headers.get("x-amzn-query-error", headers.get("x-amzn-errortype", "")).split(";")[0], ""
    raw = body if isinstance(body, bytes) else str(body).encode()
    if found := _ERROR.search(raw):
        code, message = found[1].decode(), found[2].decode()
    elif raw.startswith(b"{"):
        told = json.loads(raw)
        code = str(told.get("__type") or told.get("code") or code).rpartition("#")[2]
        message = str(told.get("message") or told.get("Message") or "")
    return {"errorCode": f"Client.{code}" if service == "ec2" else code, "errorMessage": message}


def _shown(value: Any) -> Any:
    """Parameters as events have them: names begin small, secrets are hidden, contents are left out."""
    if isinstance(value, dict):
        found = {name[:1].lower() + name[1:]: each for name, each in value.items()}
        return {
            name: "HIDDEN_DUE_TO_SECURITY_REASONS" if name in _HIDDEN and isinstance(each, str) else _shown(each)
            for name, each in found.items()
            if not isinstance(each, bytes) and not hasattr(each, "read")
        }
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
