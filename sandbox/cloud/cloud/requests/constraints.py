"""What a service's model says of the members of a request: required, lengths, ranges, patterns, enumerations.

https://smithy.io/2.0/spec/constraint-traits.html. Services tell a broken constraint in one form, as in
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html: "1 validation error detected: Value 'x' at 'name'
failed to satisfy constraint: Member must …".
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex
from botocore.model import Shape


@dataclass(frozen=True)
class Violation:
    """One broken constraint."""

    path: str
    shape: Shape
    value: Any
    constraint: str

    @property
    def missing(self) -> bool:
        """Whether a required member is not there."""
        return self.value is None

    def __str__(self) -> str:
        shown = "null" if self.missing else f"'{_shown(self.shape, self.value)}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: Member must {self.constraint}"


def violations(shape: Shape, value: Any, path: str = "") -> Iterator[Violation]:
    """All broken constraints of a value, in the order of the model."""
    for constraint in _own(shape, value):
        yield Violation(path, shape, value, constraint)
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            where = f"{path}.{_camel(name)}".lstrip(".")
            if value.get(name) is not None:
                yield from violations(member, value[name], where)
            elif name in shape.required_members:
                yield Violation(where, member, None, "not be null")
    elif shape.type_name == "list":
        for number, each in enumerate(value, start=1):
            yield from violations(shape.member, each, f"{path}.{number}.member")
    elif shape.type_name == "map":
        for key, each in value.items():
            yield from violations(shape.key, key, path)
            yield from violations(shape.value, each, f"{path}.{key}.member")


def _own(shape: Shape, value: Any) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("string", "list", "map", "blob") and hasattr(value, "__len__"):
        if least is not None and len(value) < least:
            yield f"have length greater than or equal to {least}"
        if most is not None and len(value) > most:
            yield f"have length less than or equal to {most}"
    elif shape.type_name in ("integer", "long", "float", "double"):
        if least is not None and value < least:
            yield f"have value greater than or equal to {least}"
        if most is not None and value > most:
            yield f"have value less than or equal to {most}"
    if shape.type_name != "string" or not isinstance(value, str):
        return
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        yield f"satisfy regular expression pattern: {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"satisfy enum value set: [{', '.join(shape.enum)}]"


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    """Models write patterns as Java does. Those of surrogate pairs, which no other engine reads, allow any XML text."""
    try:
        return regex.compile(pattern)
    except regex.error:
        return None


def _camel(name: str) -> str:
    """A member as messages name it: dBInstanceIdentifier for DBInstanceIdentifier."""
    return name[:1].lower() + name[1:]


def _shown(shape: Shape, value: Any) -> Any:
    return "*** sensitive ***" if shape.metadata.get("sensitive") else value
