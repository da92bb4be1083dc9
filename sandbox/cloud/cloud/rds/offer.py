"""What RDS offers for PostgreSQL: versions, and instance classes by region.

``offer.json``, which tools/catalog.py makes, has AWS's lists:
https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html.
"""

import json
import re
from pathlib import Path

from ministack.services import rds

# What this module uses of MiniStack.
NEEDS = {
    rds: "_instances _snapshots",
}

_OFFER = json.loads(Path(__file__).with_name("offer.json").read_text())
_VERSIONS = frozenset(_OFFER["versions"].split())
_MAJORS = frozenset(version.partition(".")[0] for version in _VERSIONS)
_CLASS = re.compile(r"db\.[a-z0-9-]+\.(micro|small|medium|large|\d*xlarge)|db\.serverless")


def version(wanted: str) -> bool:
    """Whether a version, or a major one alone, can be had; what runs here already can."""
    running = {each["EngineVersion"] for store in (rds._instances, rds._snapshots) for each in store.values()}
    return wanted in _VERSIONS | _MAJORS | running


def family(wanted: str) -> bool:
    """Whether a family of parameter groups is one of PostgreSQL's."""
    return wanted.removeprefix("postgres") in _MAJORS


def is_class(name: str) -> bool:
    """Whether a name is that of an instance class, anywhere."""
    return bool(_CLASS.fullmatch(name))


def has_class(region: str, name: str) -> bool:
    """Whether a region has an instance class; of a region that is not in the list nothing is known."""
    if region not in _OFFER["regions"]:
        return True
    generation, _, size = name.removeprefix("db.").partition(".")
    return generation in _OFFER["regions"][region].split() and size in _OFFER["sizes"][generation].split()
