"""What RDS refuses of subnet groups and parameter groups.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html.
"""

import re

from ministack.services import rds

from cloud.rds import offer, server_parameters
from cloud.rds.rules.instances import identifier
from cloud.rds.rules.settings import value
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    rds: "_instances _param_groups _resolve_subnet_group_members _snapshots _subnet_groups",
}

_SUBNET_GROUP = re.compile(r"[A-Za-z][\w. -]{0,254}", re.ASCII)
_OTHER_FAMILY = re.compile(r"(?!postgres)[a-z][a-z0-9-]*[0-9][0-9.]*")
_AT_ONCE = 20


@rule("rds", "CreateDBSubnetGroup")
def _subnet_group(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html"""
    name = call.parameters["DBSubnetGroupName"]
    if name.lower() == "default" or not _SUBNET_GROUP.fullmatch(name):
        raise value(f"The parameter DBSubnetGroupName is not a valid name, or reserved: {name}")
    if name.lower() in rds._subnet_groups or name in rds._subnet_groups:
        raise Refused("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")


@rule("rds", "CreateDBSubnetGroup ModifyDBSubnetGroup")
def _zones(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.Subnets"""
    found = rds._resolve_subnet_group_members(call.parameters["SubnetIds"])
    zones = sorted({subnet["SubnetAvailabilityZone"]["Name"] for subnet in found[0]}) if found else []
    if found and len(zones) < 2:
        raise Refused(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )


def _users(name: str) -> list[str]:
    """The instances in a subnet group."""
    return [
        each["DBInstanceIdentifier"]
        for each in rds._instances.values()
        if (each.get("DBSubnetGroup") or {}).get("DBSubnetGroupName") == name
    ]


@rule("rds", "ModifyDBSubnetGroup")
def _subnets_in_use(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html"""
    name, kept = call.parameters["DBSubnetGroupName"], call.parameters["SubnetIds"]
    subnets = (rds._subnet_groups.get(name) or {}).get("Subnets") or []
    if _users(name) and any(subnet["SubnetIdentifier"] not in kept for subnet in subnets):
        raise Refused("SubnetAlreadyInUse", "The DB subnet is already in use in the Availability Zone.")


@rule("rds", "DeleteDBSubnetGroup")
def _subnet_group_in_use(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSubnetGroup.html"""
    name = call.parameters["DBSubnetGroupName"]
    if users := _users(name):
        raise Refused(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{name}' because at least one database instance: {users[0]} is still "
            "using it.",
        )


@rule("rds", "CreateDBParameterGroup")
def _parameter_group(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html"""
    family = call.parameters["DBParameterGroupFamily"]
    identifier("DBParameterGroupName", call.parameters["DBParameterGroupName"].replace(".", "-"))
    if not offer.family(family) and not _OTHER_FAMILY.fullmatch(family):
        raise value(f"ParameterGroupFamily {family} is not a valid parameter group family")


@rule("rds", "DeleteDBParameterGroup ModifyDBParameterGroup ResetDBParameterGroup")
def _default_group(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html"""
    name = call.parameters["DBParameterGroupName"]
    if name.startswith("default."):
        raise value(
            f"Default DBParameterGroup cannot be deleted: {name}"
            if call.operation == "DeleteDBParameterGroup"
            else "Cannot modify a default parameter group."
        )


@rule("rds", "DeleteDBParameterGroup")
def _parameter_group_in_use(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBParameterGroup.html"""
    name = call.parameters["DBParameterGroupName"]
    used = [group["DBParameterGroupName"] for each in rds._instances.values() for group in each["DBParameterGroups"]]
    if name in used:
        raise Refused(
            "InvalidDBParameterGroupState",
            "One or more database instances are still members of this parameter group "
            f"{name}, so the group cannot be deleted",
        )


@rule("rds", "ModifyDBParameterGroup")
def _parameters(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html"""
    group = rds._param_groups.get(call.parameters["DBParameterGroupName"]) or {}
    family, changes = group.get("DBParameterGroupFamily", ""), call.parameters["Parameters"]
    if len(changes) > _AT_ONCE:
        raise value(f"No more than {_AT_ONCE} parameters can be modified in a single request.")
    if not offer.family(family):
        return
    for change in changes:
        name, wanted = change.get("ParameterName") or "", change.get("ParameterValue")
        if not server_parameters.exists(name, family):
            raise value(f"Could not find parameter with name: {name}")
        if name in server_parameters.FIXED:
            raise value(f"The parameter {name} cannot be modified.")
        if change.get("ApplyMethod", "immediate") == "immediate" and server_parameters.static(name, family):
            raise Refused(
                "InvalidParameterCombination", f"cannot use immediate apply method for static parameter: {name}"
            )
        if wanted is not None and (allowed := server_parameters.refused(name, wanted)) is not None:
            raise value(f"Invalid parameter value: {wanted} for: {name} allowed values are: {allowed}")


@rule("rds", "AddTagsToResource RemoveTagsFromResource")
def _tagged(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddTagsToResource.html"""
    *_, kind, name = call.parameters["ResourceName"].split(":")
    stores = {
        "db": (rds._instances, "DBInstanceNotFound"),
        "pg": (rds._param_groups, "DBParameterGroupNotFound"),
        "snapshot": (rds._snapshots, "DBSnapshotNotFound"),
        "subgrp": (rds._subnet_groups, "DBSubnetGroupNotFoundFault"),
    }
    store, code = stores.get(kind, ({name}, ""))
    if name not in store:
        raise Refused(code, f"{name} not found.")
