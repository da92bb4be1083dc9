"""Give back texts with the characters that XML writes otherwise: ``/health?all&deep`` is a path.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html and
API_FixedResponseActionConfig.html.
MiniStack writes these members as they are, so that no client can read the answer.
"""

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import alb

from cloud.core import patch


def install() -> None:
    """Escape them before they are written."""
    patch.wrap(alb, "_tg_xml", _group, "tg")
    patch.wrap(alb, "_action_xml", _action, "a")


def _group(old: Any, tg: dict[str, Any]) -> str:
    return old({**tg, "HealthCheckPath": escape(tg.get("HealthCheckPath") or "/")})


def _action(old: Any, a: dict[str, Any]) -> str:
    escaped = {
        part: {**a[part], member: escape(a[part][member])}
        for part, member in (("FixedResponseConfig", "MessageBody"), ("RedirectConfig", "Path"))
        if member in a.get(part, {})
    }
    return old({**a, **escaped})
