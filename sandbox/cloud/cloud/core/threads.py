"""Threads that act in the account and the region of the request that starts them.

MiniStack's stores answer for the account and region of the running request. A new thread has none: it would look
into the default ones, and find nothing where a stack lies elsewhere.
"""

import contextvars
import threading
from collections.abc import Callable
from typing import Any


def start(target: Callable[..., Any], *arguments: Any, name: str) -> threading.Thread:
    """Start a daemon thread in the scope of the caller."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(target, *arguments), daemon=True, name=name)
    thread.start()
    return thread
