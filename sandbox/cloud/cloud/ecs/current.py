"""Remember which task a thread is starting.

MiniStack starts the containers of a task one after the other. The functions that it calls for each of them, and that
extensions replace, are not told which task the container belongs to. They find it here.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_region

from cloud.iam import role_session


@dataclass
class Starting:
    """A task on its way up."""

    task: dict[str, Any]
    definition: dict[str, Any]
    region: str = field(default_factory=get_region)
    volumes: set[str] = field(default_factory=set)
    started: dict[str, Any] = field(default_factory=dict)
    _execution: role_session.Credentials | None = None

    @property
    def id(self) -> str:
        """The task's id."""
        return str(self.task["taskArn"]).rsplit("/", 1)[-1]

    def role(self, which: str) -> str:
        """The ARN of ``taskRoleArn`` or ``executionRoleArn``: RunTask may override the definition's."""
        return (self.task.get("overrides") or {}).get(which) or self.definition.get(which) or ""

    def size(self, which: str) -> int:
        """``cpu`` in units of 1/1024 or ``memory`` in MiB, of the whole task; 0 when nothing is said."""
        return int((self.task.get("overrides") or {}).get(which) or self.definition.get(which) or 0)

    def agent(self, service: str, region: str = "") -> Any:
        """A client that acts as the execution role, as the ECS agent does; None without such a role.

        It works in the task's region unless another one is given.
        """
        role = self.role("executionRoleArn")
        if not role:
            return None
        if self._execution is None:
            self._execution = role_session.assume(role, self.id)
        return role_session.client(service, self._execution, region or self.region)


_local = threading.local()


def enter(starting: Starting) -> None:
    """Say which task this thread starts."""
    _local.starting = starting


def get() -> Starting:
    """The task that this thread starts."""
    return _local.starting
