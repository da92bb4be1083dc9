"""Send the head of a response together with the beginning of its body.

RFC 9112, section 2 (https://www.rfc-editor.org/rfc/rfc9112#section-2) leaves the split to the server. Hypercorn writes
the head and the body one after the other, and AWS's provider now and then gives up a connection in the moment between
the two: it repeats a request that was carried out, and then meets its own creation ("already exists"). AWS's endpoints
answer in one piece.
"""

from typing import Any

import h11
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol

from cloud.core import patch


async def _send(old: Any, protocol: Any, event: Any) -> None:
    if not isinstance(event, h11.Response):
        await old(protocol, event)
        return
    # The next event, a piece of the body or its end, takes the head along.
    send, head = protocol.send, []

    async def hold(raw: Any) -> None:
        head.append(raw.data)

    async def release(raw: Any) -> None:
        protocol.send = send
        data = raw.data if isinstance(raw, RawData) else b""
        await send(RawData(data=b"".join(head) + data))
        if not isinstance(raw, RawData):
            await send(raw)

    protocol.send = hold
    await old(protocol, event)
    protocol.send = release


def install() -> None:
    """Hold each head until something follows it."""
    patch.wrap(H11Protocol, "_send_h11_event", _send, "self event")
