"""Records are shown while threads change them."""

from typing import Any

from cloud.ecs import readback


class Growing(str):
    """A name at whose sight a thread adds a member to the record."""

    record: dict[str, Any]

    def startswith(self, *arguments: Any) -> bool:
        self.record[f"_{len(self.record)}"] = "added"
        return super().startswith(*arguments)


def test_a_record_that_grows_while_it_is_shown() -> None:
    name = Growing("taskArn")
    name.record = {name: "task/1", "containers": [{"name": "main", "reason": None, "_id": "c"}], "startedAt": None}
    assert readback.shown(name.record) == {"taskArn": "task/1", "containers": [{"name": "main"}]}
    assert len(name.record) == 4
