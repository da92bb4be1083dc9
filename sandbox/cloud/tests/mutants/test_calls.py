"""The mistakes of sandbox/mutants that are calls: each is refused with the code and the words that it must show."""

import copy
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import jmespath
import pytest
import yaml
from botocore import xform_name
from botocore.model import Shape
from helpers.emulator import ACCOUNT, Emulator, assume, running
from helpers.refusals import client, refused

from cloud import extensions

DATA = yaml.safe_load((Path(__file__).parents[3] / "mutants" / "mutants.yaml").read_text())
FIXTURE = DATA["fixture"]
CALLS = [mutant for mutant in DATA["calls"] if os.environ.get("ONLY", "") in mutant["name"]]


class Account:
    """An emulated account, and what is to be named later of what was made in it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.kept, self.numbers = emulator, {"account": ACCOUNT}, itertools.count(1)

    def request(self, call: str, parameters: dict, statements: list[dict]) -> tuple[Any, str, dict]:
        """A client, its method and the parameters for a call, written service.Operation."""
        service, _, operation = call.rpartition(".")
        credentials = assume(self.emulator, *self._named(statements)) if statements else {}
        found = client(self.emulator, service, **credentials)
        shape = found.meta.service_model.operation_model(operation).input_shape
        return found, xform_name(operation), _as_texts(self._named(parameters), shape)

    def make(self, call: str, parameters: dict, keep: dict[str, str]) -> None:
        """Make a call and keep parts of its answer."""
        service, method, given = self.request(call, parameters, [])
        answer = getattr(service, method)(**given)
        self.kept |= {name: jmespath.search(path, answer) for name, path in keep.items()}

    def _named(self, value: Any) -> Any:
        """The value with what was kept in place of its name."""
        return json.loads(Template(json.dumps(value)).substitute(self.kept, new=next(self.numbers)))


def _as_texts(value: Any, shape: Shape | None) -> Any:
    """The parameters with documents as JSON where the service's model wants a text."""
    kind = shape.type_name if shape else ""
    if kind == "string" and isinstance(value, (dict, list)):
        return json.dumps(value)
    if kind == "list" and isinstance(value, list):
        return [_as_texts(each, shape.member) for each in value]
    if kind in ("structure", "map") and isinstance(value, dict):
        members = shape.members.get if kind == "structure" else lambda _: shape.value
        return {name: _as_texts(each, members(name)) for name, each in value.items()}
    return value


def _changed(parameters: dict, change: dict[str, Any]) -> dict:
    """The parameters with other values at some paths, or without them where the value is null."""
    changed = copy.deepcopy(parameters)
    for path, value in change.items():
        *way, last = (int(step) if step.isdecimal() else step for step in path.split("."))
        place = changed
        for step in way:
            place = place[step]
        if value is None:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return changed


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    # Databases refuse to be made where there is no engine for their servers, and nothing here asks a server.
    modules = (name for name in extensions.ORDER if name != "cloud.rds.server")
    with running(Path(tmp_path_factory.mktemp("emulator")), *modules) as emulator:
        account = Account(emulator)
        for step in FIXTURE.values():
            account.make(step["call"], step.get("with", {}), step.get("keep", {}))
        yield account


@pytest.mark.parametrize("mutant", CALLS, ids=[mutant["name"] for mutant in CALLS])
def test_mistake_is_refused(account: Account, mutant: dict) -> None:
    good = FIXTURE[mutant["of"]] if "of" in mutant else mutant
    parameters = _changed(good.get("with", {}), mutant.get("change", {}))
    refused(*account.request(good["call"], parameters, mutant.get("as", [])), *mutant["shows"])
