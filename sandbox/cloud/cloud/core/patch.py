"""The seam to MiniStack: what extensions use of it, and how they replace its functions.

The extensions rest on private names of one pinned version. A name that is gone, or a function that takes other
parameters, would reopen a gap without a word. So each extension declares the names that it uses in ``NEEDS``, and
each replacement says which parameters it was written for; both are checked before the emulator serves.
"""

import functools
import inspect
import sys
from collections import defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import Any

# Which extensions have put something around a function, the innermost first.
_layers: defaultdict[str, list[str]] = defaultdict(list)


class DriftError(RuntimeError):
    """MiniStack lacks what an extension uses, or has it in another shape."""


def missing(extension: ModuleType) -> list[str]:
    """What the extension declares in ``NEEDS`` and MiniStack does not have.

    ``NEEDS`` gives the names for each module or class of MiniStack, separated by spaces.
    """
    needs: dict[Any, str] = getattr(extension, "NEEDS", {})
    return [
        f"{extension.__name__}: {_name(owner)}.{name} is missing"
        for owner, names in needs.items()
        for name in names.split()
        if not hasattr(owner, name)
    ]


def original(owner: Any, name: str, parameters: str | None = None) -> Any:
    """The attribute ``name`` of a module or class, checked to be there.

    ``parameters`` are the names that it has to take, separated by spaces.
    """
    where = f"{_name(owner)}.{name}"
    if not hasattr(owner, name):
        raise DriftError(f"{where} is missing")
    found = getattr(owner, name)
    if parameters is not None:
        actual = " ".join(inspect.signature(found).parameters)
        if actual != parameters:
            raise DriftError(f"{where} takes ({actual}), expected are ({parameters})")
    return found


def replace(owner: Any, name: str, new: Callable[..., Any], parameters: str | None = None) -> None:
    """Put ``new`` in the place of an existing function."""
    old = original(owner, name, parameters)
    _note(owner, name, new)
    _put(owner, name, old, new)


def wrap(owner: Any, name: str, around: Callable[..., Any], parameters: str | None = None) -> None:
    """Put a function around an existing one: ``around(old, *args, **kwargs)`` is called in its place."""
    old = original(owner, name, parameters)
    _note(owner, name, around)
    _put(owner, name, old, _around(old, around))


def wrap_operation(service: Any, operation: str, around: Callable[..., Any]) -> None:
    """Put a function around an operation of a service's API: ``around(old, parameters)``."""
    table = original(service, "_ACTION_MAP")
    if operation not in table:
        raise DriftError(f"{_name(service)}._ACTION_MAP lacks {operation}")
    _note(service, operation, around)
    table[operation] = _around(table[operation], around)


def add_operations(service: Any, operations: dict[str, Callable[..., Any]]) -> None:
    """Add operations that a service's API lacks; one that MiniStack has by now makes the extension superfluous."""
    table = original(service, "_ACTION_MAP")
    if known := sorted(set(operations) & set(table)):
        raise DriftError(f"{_name(service)}._ACTION_MAP has {', '.join(known)} already")
    table.update(operations)


def layers() -> dict[str, list[str]]:
    """The extensions around each function and operation, the innermost first."""
    return {name: list(extensions) for name, extensions in _layers.items()}


def _name(owner: Any) -> str:
    return str(getattr(owner, "__name__", owner))


def _note(owner: Any, name: str, new: Callable[..., Any]) -> None:
    function = getattr(new, "func", new)  # of a partial one
    _layers[f"{_name(owner)}.{name}"].append(str(function.__module__))


def _around(old: Callable[..., Any], around: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(old):

        @functools.wraps(old)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await around(old, *args, **kwargs)

        return call_async

    @functools.wraps(old)
    def call(*args: Any, **kwargs: Any) -> Any:
        return around(old, *args, **kwargs)

    return call


def _put(owner: Any, name: str, old: Any, new: Any) -> None:
    """Set the attribute, also where a module of MiniStack has imported it, and in the owner's tables of operations."""
    setattr(owner, name, new)
    # Copies: threads of extensions that are installed already may import and set something meanwhile.
    for module in [each for key, each in sys.modules.copy().items() if key.partition(".")[0] == "ministack"]:
        for imported in [key for key, value in vars(module).copy().items() if value is old]:
            setattr(module, imported, new)
    for table in [each for each in list(vars(owner).values()) if type(each) is dict]:
        for operation in [key for key, function in table.copy().items() if function is old]:
            table[operation] = new
