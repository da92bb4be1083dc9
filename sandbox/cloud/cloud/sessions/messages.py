"""The messages on a data channel of Session Manager, byte by byte.

https://github.com/aws/session-manager-plugin/tree/mainline/src/message: clientmessage.go has the layout,
handshakemessage.go the contents. A message id is written with its second half first.
"""

import hashlib
import json
import struct
import time
import uuid
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

INPUT, OUTPUT, ACKNOWLEDGE, CLOSED = "input_stream_data", "output_stream_data", "acknowledge", "channel_closed"
# Header length, type, version, date, sequence number, flags, id, digest, payload's type and length.
_HEAD = struct.Struct(">I32sIQqQ16s32sII")
# The length says where the payload's own length stands.
_HEADER_LENGTH = _HEAD.size - 4
_SYN_FIN = 3


class Payload(IntEnum):
    """What a payload is."""

    NONE = 0
    DATA = 1
    SIZE = 3
    HANDSHAKE_REQUEST = 5
    HANDSHAKE_RESPONSE = 6
    HANDSHAKE_COMPLETE = 7
    FLAG = 10


class Flag(IntEnum):
    """What a flag says."""

    TERMINATE_SESSION = 2
    CONNECT_TO_PORT_ERROR = 3

    def payload(self) -> bytes:
        """The flag as it is sent."""
        return struct.pack(">I", self)


@dataclass(frozen=True)
class Message:
    """One message."""

    kind: str
    sequence: int = 0
    payload_type: int = Payload.NONE
    payload: bytes = b""
    flags: int = 0
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    def encode(self) -> bytes:
        """The bytes of the message."""
        digest, half = hashlib.sha256(self.payload).digest(), self.id.bytes
        head = _HEAD.pack(
            _HEADER_LENGTH,
            self.kind.encode().ljust(32),
            1,
            int(time.time() * 1000),
            self.sequence,
            self.flags,
            half[8:] + half[:8],
            digest,
            self.payload_type,
            len(self.payload),
        )
        return head + self.payload

    def acknowledgement(self) -> "Message":
        """What tells the sender that this message has come."""
        content = {
            "AcknowledgedMessageType": self.kind,
            "AcknowledgedMessageId": str(self.id),
            "AcknowledgedMessageSequenceNumber": self.sequence,
            "IsSequentialMessage": True,
        }
        return Message(ACKNOWLEDGE, payload=json.dumps(content).encode(), flags=_SYN_FIN)

    def content(self) -> dict[str, Any]:
        """A payload that is a document."""
        found = json.loads(self.payload)
        return found if isinstance(found, dict) else {}


def decode(raw: bytes) -> Message:
    """The message in the bytes; ValueError when there is none."""
    try:
        _, kind, _, _, sequence, flags, id_bytes, digest, payload_type, length = _HEAD.unpack_from(raw)
    except struct.error as error:
        raise ValueError(f"a message of {len(raw)} bytes: {error}") from error
    payload = raw[_HEAD.size : _HEAD.size + length]
    if hashlib.sha256(payload).digest() != digest:
        raise ValueError("the digest of a message is not its payload's")
    name = kind.decode().strip("\0 ")
    return Message(name, sequence, payload_type, payload, flags, uuid.UUID(bytes=id_bytes[8:] + id_bytes[:8]))


def closed(session_id: str, target: str, output: str = "") -> Message:
    """What tells the client that the session has ended."""
    content = {
        "MessageId": str(uuid.uuid4()),
        "CreatedDate": str(int(time.time() * 1000)),
        "DestinationId": target,
        "SessionId": session_id,
        "MessageType": CLOSED,
        "SchemaVersion": 1,
        "Output": output,
    }
    return Message(CLOSED, payload=json.dumps(content).encode())
