"""Speak of AWS GovCloud (US) and of China as AWS does there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: ARNs begin with the partition, and an account
belongs to one. https://docs.aws.amazon.com/general/latest/gr/rande.html: hosts in China end with ``amazonaws.com.cn``.
MiniStack knows the partition ``aws`` alone. So names are translated where a call comes in and its answer goes out, and
where a container gets its environment; inside all of them are of ``aws``. The contents of objects are left alone.
"""

import functools
import os
import re
from typing import Any

import botocore.session
from ministack import app

from cloud.core import patch

# Settings of a bucket, whose bodies speak of ARNs; any other body of S3 is somebody's data or lists names.
_SETTINGS = frozenset({"policy", "replication", "encryption", "notification", "logging", "inventory", "acl"})
_CONTROL = "/v20180820/"


class Translation:
    """How names look inside of MiniStack and outside, for one partition."""

    def __init__(self, region: str) -> None:
        session = botocore.session.get_session()
        self.partition = session.get_partition_for_region(region)
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        own, host = self.partition, re.escape(region)
        self._inward = [(rf"arn(:|%3A){own}(:|%3A)", r"arn\1aws\2")]
        self._outward = [(r"arn(:|%3A)aws(:|%3A)", rf"arn\1{own}\2")]
        if suffix != "amazonaws.com":
            self._inward.append((rf"(\.{host}(?:\.\w+)?\.)amazonaws\.com\.cn\b", r"\1amazonaws.com"))
            self._outward.append((rf"(\.{host}(?:\.\w+)?\.)amazonaws\.com\b(?!\.cn)", rf"\1{suffix}"))

    @property
    def needed(self) -> bool:
        """Whether names differ at all."""
        return self.partition != "aws"

    def inward(self, value: Any) -> Any:
        """A name, or all names in a body or a structure, as MiniStack knows them."""
        return _replaced(value, self._inward)

    def outward(self, value: Any) -> Any:
        """The same as AWS shows them in this partition."""
        return _replaced(value, self._outward)


def _replaced(value: Any, rules: list[tuple[str, str]]) -> Any:
    if isinstance(value, bytes):
        return _replaced(value.decode("latin-1"), rules).encode("latin-1")
    if isinstance(value, str):
        for pattern, new in rules:
            value = re.sub(pattern, new, value)
        return value
    if isinstance(value, dict):
        return {key: _replaced(each, rules) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, rules) for each in value]
    return value


@functools.cache
def here() -> Translation:
    """The translation for this emulator's own region."""
    return Translation(os.environ.get("MINISTACK_REGION", "us-east-1"))


def _of_s3(headers: dict[str, str], query: dict[str, Any]) -> bool:
    credential = query.get("X-Amz-Credential") or [headers.get("authorization", "")]
    return "/s3/aws4_request" in str(credential)


def _is_data(path: str, headers: dict[str, str], query: dict[str, Any]) -> bool:
    return _of_s3(headers, query) and not path.startswith(_CONTROL) and not _SETTINGS & set(query)


async def _translated(names: Translation, old: Any, *call: Any, **rest: Any) -> Any:
    method, path, headers, body, query, request_id = call
    data = _is_data(path, headers, query)
    inner = names.inward([path, headers, query])
    answer = await old(method, inner[0], inner[1], body if data else names.inward(body), inner[2], request_id, **rest)
    return _shown(names, answer, data)


async def _of_a_task(names: Translation, old: Any, *call: Any) -> Any:
    """What a task asks without a signature: its credentials and its metadata."""
    return _shown(names, await old(*call), data=False)


def _shown(names: Translation, answer: Any, data: bool) -> Any:
    if answer is None:
        return None
    status, headers, body = answer
    shown = body if data and status < 400 else names.outward(body)
    kept = {name: value for name, value in headers.items() if shown == body or name.lower() != "content-length"}
    return status, names.outward(kept), shown


def install() -> None:
    """Put the translation around the functions that serve all calls."""
    names = here()
    if not names.needed:
        return
    around, more = functools.partial(_translated, names), "raw_path raw_query_string client_ip"
    parameters = "method path headers body query_params request_id"
    patch.wrap(app, "_dispatch_service_request", around, parameters)
    patch.wrap(app, "_handle_special_data_plane_request", around, f"{parameters} {more}")
    of_a_task = functools.partial(_of_a_task, names)
    patch.wrap(app, "_handle_pre_body_request", of_a_task, "method path headers query_params request_id")
