"""Write what AWS offers and knows as tables for the rules: cloud/rds/offer.json and cloud/s3/actions.json.

cfn-lint carries it, made from AWS's price list, APIs and service authorization reference, within 37 MB. Run from
sandbox/cloud, in an environment with that package, when AWS offers more than the tables say:

    pip install cfn-lint==1.58.0 && python tools/catalog.py
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Generations of instance classes that no version of PostgreSQL since 14 runs on:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
_RETIRED = {"m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2"}


def _read(data: Path, name: str) -> Any:
    return json.loads((data / name).read_text())


def _postgres(schema: dict, property_name: str, side: str) -> set[str]:
    """The values of a property that a schema lists for PostgreSQL."""
    values: set[str] = set()
    for entry in schema["allOf"]:
        if entry["if"]["properties"]["Engine"].get("const") == "postgres":
            values |= set(entry[side]["properties"][property_name]["enum"])
    return values


def offer(data: Path) -> dict[str, Any]:
    """The versions of RDS for PostgreSQL, and the families of instance classes of each region."""
    folder = "schemas/extensions/aws_rds_dbinstance/"
    listed = _postgres(_read(data, folder + "engine_version.json"), "EngineVersion", "then")
    gone = _postgres(_read(data, folder + "engine_version_deprecated.json"), "EngineVersion", "if")
    sizes: dict[str, set[str]] = {}
    regions: dict[str, set[str]] = {}
    for region, schema in _read(data, folder + "dbinstanceclass_enum.json").items():
        for name in _postgres(schema, "DBInstanceClass", "then"):
            _, family, size = name.split(".")
            if family not in _RETIRED:
                sizes.setdefault(family, set()).add(size)
                regions.setdefault(region, set()).add(family)
    return {
        "versions": " ".join(sorted(version for version in listed - gone if "." in version)),
        "sizes": {family: " ".join(sorted(found)) for family, found in sorted(sizes.items())},
        "regions": {region: " ".join(sorted(found)) for region, found in sorted(regions.items())},
    }


def actions(data: Path) -> dict[str, str]:
    """The actions of S3 by what they act on, in lower case."""
    found: dict[str, list[str]] = {"bucket": [], "object": [], "other": []}
    for action, entry in sorted(_read(data, "AdditionalSpecs/Policies.json")["s3"]["Actions"].items()):
        kinds = {"bucket", "object"} & set(entry.get("Resources", []))
        for kind in kinds or {"other"}:
            found[kind].append(action)
    return {kind: " ".join(names) for kind, names in found.items()}


def main() -> None:
    """Write both tables."""
    spec = find_spec("cfnlint")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("cfn-lint is not installed here")
    data = Path(spec.submodule_search_locations[0]) / "data"
    package = Path(__file__).parents[1] / "cloud"
    for path, table in (("rds/offer.json", offer(data)), ("s3/actions.json", actions(data))):
        (package / path).write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
