"""Each rule of the emulated AWS rests on a document."""

import pytest
from moto.core.utils import get_service_model

from cloud.requests import front_door, rules

front_door.load()
RULES = {function for functions in rules.all_rules().values() for function in functions}


@pytest.mark.parametrize("function", sorted(RULES, key=str), ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_a_rule_names_the_document_that_says_so(function: rules.Rule) -> None:
    assert "https://docs.aws.amazon.com/" in f"{function.__doc__}"


def test_a_rule_is_for_operations_that_its_service_has() -> None:
    """An operation that is spelled wrongly would never be checked."""
    assert [
        f"{service}.{name}"
        for service, name in rules.all_rules()
        if name not in get_service_model(service).operation_names
    ] == []
