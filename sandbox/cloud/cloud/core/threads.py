"""Threads that act in the account and the region of the request that starts them.

MiniStack's stores answer for the account and region of the running request. A new thread has none: it would look
into the default ones, and find nothing where a stack lies elsewhere.
"""

import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, request_scope

# What this module uses of MiniStack.
NEEDS = {AccountRegionScopedDict: "all_items"}


def start(target: Callable[..., Any], *arguments: Any, name: str) -> threading.Thread:
    """Start a daemon thread in the scope of the caller."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(target, *arguments), daemon=True, name=name)
    thread.start()
    return thread


def each_scope(*stores: AccountRegionScopedDict) -> Iterator[None]:
    """Be in each account and region that has something in the stores, one after the other."""
    for account, region in sorted({key[:2] for store in stores for key, _ in store.all_items()}):
        with request_scope(account, region):
            yield
