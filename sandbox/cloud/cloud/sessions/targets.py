"""How Session Manager names a container of a task: ``ecs:<cluster>_<task>_<runtime>``.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec-run.html: AWS's command line puts it together. A
cluster's name may hold underscores, the two ids hold none.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """The parts of a name; empty where they are missing."""

    cluster: str
    task: str
    runtime: str

    def __str__(self) -> str:
        return f"ecs:{self.cluster}_{self.task}_{self.runtime}"


def parse(name: str) -> Name:
    """The parts of a name."""
    rest, _, runtime = name.removeprefix("ecs:").rpartition("_")
    cluster, _, task = rest.rpartition("_")
    return Name(cluster, task, runtime)
