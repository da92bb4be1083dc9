"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html, with what an encrypted
instance takes: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html.
"""

from cloud.iam.permissions.checks import Check, Checks, arn, asks, pass_role, service_linked_role, tags
from cloud.kms import access
from cloud.requests.rules import Call

# By operation: the types of the resources, and the members that name them; all of a type where none is named.
_RESOURCES = {
    "CreateDBInstance": "db=DBInstanceIdentifier subgrp=DBSubnetGroupName pg=DBParameterGroupName",
    "CreateDBParameterGroup": "pg=DBParameterGroupName",
    "CreateDBSubnetGroup": "subgrp=DBSubnetGroupName",
    "CreateEventSubscription": "es=SubscriptionName",
    "DeleteDBInstance": "db=DBInstanceIdentifier",
    "DeleteDBParameterGroup": "pg=DBParameterGroupName",
    "DeleteDBSubnetGroup": "subgrp=DBSubnetGroupName",
    "DeleteEventSubscription": "es=SubscriptionName",
    "DescribeDBInstances": "db=DBInstanceIdentifier",
    "DescribeDBParameterGroups": "pg=DBParameterGroupName",
    "DescribeDBParameters": "pg=DBParameterGroupName",
    "DescribeDBSnapshots": "snapshot=DBSnapshotIdentifier db=DBInstanceIdentifier",
    "DescribeDBSubnetGroups": "subgrp=DBSubnetGroupName",
    "DescribeEventSubscriptions": "es=SubscriptionName",
    "ModifyDBInstance": "db=DBInstanceIdentifier pg=DBParameterGroupName subgrp=DBSubnetGroupName",
    "ModifyDBParameterGroup": "pg=DBParameterGroupName",
    "ModifyDBSubnetGroup": "subgrp=DBSubnetGroupName",
    "ModifyEventSubscription": "es=SubscriptionName",
    "RebootDBInstance": "db=DBInstanceIdentifier",
    "ResetDBParameterGroup": "pg=DBParameterGroupName",
    "RestoreDBInstanceFromDBSnapshot": "db=DBInstanceIdentifier subgrp=DBSubnetGroupName pg=DBParameterGroupName "
    "snapshot=DBSnapshotIdentifier",
}
_KEY_USES = ("kms:CreateGrant", "kms:DescribeKey")


@asks("rds", " ".join(_RESOURCES))
def _resources(call: Call) -> Checks:
    asked, found = call.parameters, []
    for resource in _RESOURCES[call.operation].split():
        kind, _, member = resource.partition("=")
        if name := asked.get(member):
            found.append(name if name.startswith("arn:") else arn(call, "rds", f"{kind}:{name}"))
    first = _RESOURCES[call.operation].partition("=")[0]
    for name in found or [arn(call, "rds", f"{first}:*")]:
        yield Check(f"rds:{call.operation}", name)
    if asked.get("Tags"):
        yield Check("rds:AddTagsToResource", found[0], tags(asked["Tags"]), alone=True)
    yield from pass_role(asked.get("MonitoringRoleArn"), "monitoring.rds.amazonaws.com")
    yield from _key(call)
    if call.operation == "CreateDBInstance":
        yield from service_linked_role(call, "rds.amazonaws.com", "AWSServiceRoleForRDS")
    if name := asked.get("FinalDBSnapshotIdentifier"):
        for each in (found[0], arn(call, "rds", f"snapshot:{name}")):
            yield Check("rds:CreateDBSnapshot", each, alone=True)


def _key(call: Call) -> Checks:
    reference = call.parameters.get("KmsKeyId")
    key = access.find(reference) if reference else None
    for action in _KEY_USES if key else ():
        context = {"kms:ViaService": f"rds.{call.region}.amazonaws.com", "kms:CallerAccount": call.account}
        context |= {"kms:GrantIsForAWSResource": "true"} if action == "kms:CreateGrant" else {}
        yield Check(action, key["Arn"] if key else "", context, alone=True)


@asks("rds", "AddTagsToResource RemoveTagsFromResource ListTagsForResource")
def _tagging(call: Call) -> Checks:
    yield Check(f"rds:{call.operation}", call.parameters["ResourceName"])


@asks("rds", "DescribeDBInstanceAutomatedBackups")
def _backups(call: Call) -> Checks:
    name = call.parameters.get("DBInstanceIdentifier")
    backup = call.parameters.get("DBInstanceAutomatedBackupsArn")
    yield Check(f"rds:{call.operation}", backup or arn(call, "rds", f"db:{name or '*'}"))


@asks("rds", "StartDBInstanceAutomatedBackupsReplication StopDBInstanceAutomatedBackupsReplication")
def _replication(call: Call) -> Checks:
    yield Check(f"rds:{call.operation}", call.parameters["SourceDBInstanceArn"])
    if call.operation.startswith("Start"):
        yield Check(f"rds:{call.operation}", arn(call, "rds", "auto-backup:*"))
    yield from _key(call)
