"""A changed MiniStack ends the start, and a replaced operation is replaced for callers of the API too."""

import sys
from types import SimpleNamespace

import pytest

from cloud.core import patch


def module() -> SimpleNamespace:
    """A module with one function that is an operation of its API."""

    def stop(data: str) -> str:
        return f"old {data}"

    return SimpleNamespace(__name__="module", _stop=stop, _ACTION_MAP={"Stop": stop, "Other": len})


def test_what_is_missing_or_takes_other_parameters_is_refused() -> None:
    with pytest.raises(patch.DriftError, match="module._start is missing"):
        patch.replace(module(), "_start", len)
    with pytest.raises(patch.DriftError, match=r"takes \(data\), expected are \(data reason\)"):
        patch.wrap(module(), "_stop", len, "data reason")


def test_operations_are_replaced_in_the_table_too() -> None:
    owner = module()
    patch.wrap(owner, "_stop", lambda old, data: f"new {old(data)}", "data")
    assert owner._stop("x") == owner._ACTION_MAP["Stop"]("x") == "new old x"
    assert owner._ACTION_MAP["Other"] is len


def test_what_another_module_has_imported_is_replaced_there_too(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, importer = module(), SimpleNamespace()
    importer.stop = owner._stop
    monkeypatch.setitem(sys.modules, "ministack.importer", importer)
    patch.replace(owner, "_stop", len)
    assert importer.stop is len
