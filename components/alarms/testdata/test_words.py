"""The words by which the alarms count lines of the logs are those that Dagster writes."""

import json
import pathlib
import re

import dagster
import dagster_postgres
import pytest

GOLDEN = json.loads(pathlib.Path(__file__).with_name("alarms.json").read_text())
PATTERNS = {
    each["inputs"]["name"]: each["inputs"]["pattern"]
    for each in GOLDEN
    if each["type"] == "aws:cloudwatch/logMetricFilter:LogMetricFilter"
}
# What asks for fields is about the trail's records, which AWS writes.
FILTERS = {name: re.findall('"([^"]+)"', pattern) for name, pattern in PATTERNS.items() if not pattern.startswith("{")}
# AWS answers with it: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
OF_AWS = {"AccessDenied"}


@pytest.fixture(scope="module")
def sources():
    folders = [pathlib.Path(package.__file__).parent for package in (dagster, dagster_postgres)]
    return [path.read_text() for folder in folders for path in folder.rglob("*.py")]


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - OF_AWS))
def test_all_words_of_a_filter_stand_in_one_file_of_dagster(name, sources):
    assert any(all(word in source for word in FILTERS[name]) for source in sources), FILTERS[name]
