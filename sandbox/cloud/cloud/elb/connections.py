"""Keep the connections to targets for later requests.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
#connection-idle-timeout: the balancer closes a connection that was silent for the idle timeout, and a target that
closes one earlier makes requests fail (load-balancer-troubleshooting.html#http-502-issues). On AWS it takes a request
that is on its way at that moment; here every request meets such a connection, so that the fault shows each time.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import h11

from cloud.elb import health, nodes, relay

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Way:
    """From a load balancer to a target of a group, both by their ARNs; the record is what is known about the target."""

    balancer: str
    group: str
    record: health.Target
    target: dict[str, Any]
    port: int


@dataclass
class Kept:
    """A connection that waits for the next request, with the record of its target, which ends with its registration."""

    record: health.Target
    side: relay.Side
    end: asyncio.TimerHandle


_kept: list[Kept] = []


async def take(way: Way) -> relay.Side:
    """A connection to the target: the one that was kept last, else a new one; OSError when it does not answer."""
    for kept in [each for each in _kept if not health.known(each.record)]:
        _end(kept.side)
    if found := [each for each in _kept if each.record is way.record]:
        found[-1].end.cancel()
        _kept.remove(found[-1])
        return found[-1].side
    connected = await asyncio.to_thread(nodes.connect, way.balancer, way.target["Id"], way.port, _CONNECT_SECONDS)
    reader, writer = await asyncio.open_connection(sock=connected)
    return relay.Side(reader, writer, h11.CLIENT)


def give(record: health.Target, side: relay.Side, idle_seconds: float) -> None:
    """Keep a connection until it was silent for the idle timeout, if the target does; else close it."""
    if side.reusable():
        _kept.append(Kept(record, side, asyncio.get_running_loop().call_later(idle_seconds, _end, side)))
    else:
        side.writer.close()


def _end(side: relay.Side) -> None:
    for kept in [each for each in _kept if each.side is side]:
        kept.end.cancel()
        _kept.remove(kept)
    side.writer.close()
