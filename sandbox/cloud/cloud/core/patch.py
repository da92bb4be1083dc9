"""Replace functions of MiniStack from outside, and refuse to start when one of them has changed.

The extensions rest on private functions of one pinned version. A function that is gone, or takes other
parameters than the replacement was written for, would make a gap reappear without a word: that is an error here.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Any


class DriftError(RuntimeError):
    """MiniStack does not have the function that an extension replaces, or has it in another shape."""


def original(owner: Any, name: str, parameters: str | None = None) -> Any:
    """The attribute ``name`` of a module or class, checked to be there.

    ``parameters`` are the names that it has to take, separated by spaces.
    """
    where = f"{getattr(owner, '__name__', owner)}.{name}"
    if not hasattr(owner, name):
        raise DriftError(f"{where} is missing: the extension was written for another version of MiniStack")
    found = getattr(owner, name)
    if parameters is not None:
        actual = " ".join(inspect.signature(found).parameters)
        if actual != parameters:
            raise DriftError(f"{where} takes ({actual}) where the extension expects ({parameters})")
    return found


def replace(owner: Any, name: str, new: Callable[..., Any], parameters: str | None = None) -> None:
    """Put ``new`` in the place of an existing function."""
    _put(owner, name, original(owner, name, parameters), new)


def wrap(owner: Any, name: str, around: Callable[..., Any], parameters: str | None = None) -> None:
    """Put a function around an existing one: ``around(old, *args, **kwargs)`` is called in its place."""
    old = original(owner, name, parameters)
    if inspect.iscoroutinefunction(old):

        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await around(old, *args, **kwargs)

        _put(owner, name, old, call_async)
        return

    def call(*args: Any, **kwargs: Any) -> Any:
        return around(old, *args, **kwargs)

    _put(owner, name, old, call)


def _put(owner: Any, name: str, old: Any, new: Any) -> None:
    """Set the attribute, also where a module of MiniStack has imported it, and in its table of API operations."""
    setattr(owner, name, new)
    for module in [each for key, each in sys.modules.items() if key.partition(".")[0] == "ministack"]:
        for imported in [key for key, value in vars(module).items() if value is old]:
            setattr(module, imported, new)
    operations = getattr(owner, "_ACTION_MAP", {})
    for operation in [each for each, function in operations.items() if function is old]:
        operations[operation] = new
