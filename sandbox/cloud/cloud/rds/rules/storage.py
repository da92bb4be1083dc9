"""What RDS refuses of an instance's storage.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html.
"""

from dataclasses import dataclass

from cloud.rds.rules.settings import ALWAYS, combination, existing, postgres, setting, value
from cloud.requests.rules import Call, rule


@dataclass(frozen=True)
class _Type:
    """A storage type for PostgreSQL: sizes in GiB, and what can be provisioned."""

    least: int
    most: int
    iops: tuple[int, int] | None = None
    throughput: tuple[int, int] | None = None
    # From which size on something can be provisioned.
    provisioned: int = 0
    # The most operations for a GiB.
    ratio: float = 0


_TYPES = {
    "gp2": _Type(20, 65536),
    "gp3": _Type(20, 65536, (12000, 64000), (500, 4000), 400, 500),
    "io1": _Type(100, 65536, (1000, 256000), ratio=50),
    "io2": _Type(100, 65536, (1000, 256000), ratio=1000),
    "standard": _Type(5, 3072),
}


@rule("rds", ALWAYS)
def _storage(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#Concepts.Storage.GeneralSSD"""
    if not postgres(call):
        return
    said = call.parameters
    name = setting(call, "StorageType") or ("io1" if said.get("Iops") else "gp3")
    if name not in _TYPES:
        raise value(f"Invalid storage type: {name}")
    kind, size = _TYPES[name], setting(call, "AllocatedStorage")
    if "AllocatedStorage" in said and not kind.least <= size <= kind.most:
        raise value(f"Invalid storage size for engine name postgres and storage type {name}: {size}")
    if call.operation == "CreateDBInstance" and size is None:
        raise value(f"Invalid storage size for engine name postgres and storage type {name}: null")
    if call.operation == "ModifyDBInstance" and size < (existing(call).get("AllocatedStorage") or 0):
        raise combination("Requested allocated storage cannot be less than the current one")
    iops, throughput = said.get("Iops"), said.get("StorageThroughput")
    if name == "gp3" and (iops or throughput) and size is not None and size < kind.provisioned:
        raise combination(
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than "
            f"{kind.provisioned}."
        )
    _provisioned(name, size, iops, throughput)


def _provisioned(name: str, size: int | None, iops: int | None, throughput: int | None) -> None:
    kind = _TYPES[name]
    about = f"for engine name postgres and storage type {name}"
    if iops and not kind.iops:
        raise combination(f"Invalid iops value {about}: {iops}")
    if throughput and not kind.throughput:
        raise combination(f"Invalid storage throughput value {about}: {throughput}")
    if iops and kind.iops and not kind.iops[0] <= iops <= kind.iops[1]:
        raise combination(f"Invalid iops value {about}: {iops}")
    if throughput and kind.throughput and not kind.throughput[0] <= throughput <= kind.throughput[1]:
        raise combination(f"Invalid storage throughput value {about}: {throughput}")
    if iops and size and iops > size * kind.ratio:
        raise combination(f"Invalid iops to storage (GB) ratio {about}: {iops / size:.4f}")
    if iops and throughput and throughput * 4 > iops:
        raise combination(f"Invalid storage throughput to iops ratio {about}: {throughput / iops:.4f}")


@rule("rds", "CreateDBInstance")
def _needs_operations(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, StorageType"""
    name = call.parameters.get("StorageType")
    if name in ("io1", "io2") and not call.parameters.get("Iops"):
        raise combination(f"You must specify an iops value for storage type {name}.")


@rule("rds", ALWAYS)
def _growth(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html: what there is ends it"""
    most, size = call.parameters.get("MaxAllocatedStorage"), setting(call, "AllocatedStorage")
    if not most or not size or (call.operation == "ModifyDBInstance" and most == size):
        return
    if most <= size:
        raise combination("Max storage size must be greater than storage size")
    if most * 10 < size * 11:
        raise combination("Max storage size must be at least 10 percent greater than the allocated storage")
    if most > _TYPES["gp3"].most:
        raise value(f"Invalid max storage size for engine name postgres: {most}")
