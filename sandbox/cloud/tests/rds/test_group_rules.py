"""RDS refuses groups of subnets and of parameters as on AWS."""

from collections.abc import Iterator

import pytest
from helpers.emulator import REGION, Emulator
from helpers.instances import GOOD, make, name, without_servers
from helpers.refusals import client, refused

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with without_servers(tmp_path_factory.mktemp("emulator")) as found:
        yield found


@pytest.fixture(scope="module")
def subnets(emulator: Emulator) -> tuple[str, list[str]]:
    """A VPC, and its subnets: two in one zone, and one in another."""
    ec2 = client(emulator, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.4.0.0/16")["Vpc"]["VpcId"]
    return vpc, [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.4.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate((f"{REGION}a", f"{REGION}a", f"{REGION}c"))
    ]


def test_a_group_of_subnets_covers_two_zones_and_keeps_them(emulator: Emulator, subnets: tuple[str, list[str]]) -> None:
    rds, group, (here, also, there) = client(emulator, "rds"), name(), subnets[1]
    one = {"DBSubnetGroupName": group, "DBSubnetGroupDescription": "g", "SubnetIds": [here, also]}
    refused(rds, "create_db_subnet_group", one, "DBSubnetGroupDoesNotCoverEnoughAZs", f"coverage: {REGION}a.")
    both = one | {"SubnetIds": [here, also, there]}
    refused(rds, "create_db_subnet_group", both | {"DBSubnetGroupName": "default"}, VALUE, "reserved: default")
    absent = both | {"SubnetIds": [here, "subnet-0123456789abcdef0"]}
    refused(rds, "create_db_subnet_group", absent, "InvalidSubnet", "")
    rds.create_db_subnet_group(**both)
    refused(rds, "create_db_subnet_group", both, "DBSubnetGroupAlreadyExists", f"'{group}' already exists.")
    user = make(emulator, DBSubnetGroupName=group)
    less = {"DBSubnetGroupName": group, "SubnetIds": [here, there]}
    refused(rds, "modify_db_subnet_group", less, "SubnetAlreadyInUse", "already in use")
    rds.modify_db_subnet_group(DBSubnetGroupName=group, SubnetIds=[here, also, there])
    used = f"because at least one database instance: {user} is still using it."
    one = {"DBSubnetGroupName": group}
    refused(rds, "delete_db_subnet_group", one, "InvalidDBSubnetGroupStateFault", used)
    rds.delete_db_instance(DBInstanceIdentifier=user, SkipFinalSnapshot=True)
    rds.delete_db_subnet_group(**one)


def test_the_network_of_an_instance_is_its_subnets_vpc(emulator: Emulator, subnets: tuple[str, list[str]]) -> None:
    rds, ec2, group = client(emulator, "rds"), client(emulator, "ec2"), name()
    rds.create_db_subnet_group(DBSubnetGroupName=group, DBSubnetGroupDescription="g", SubnetIds=subnets[1])
    other = ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    inside, outside = (
        ec2.create_security_group(GroupName=name(), Description="g", VpcId=vpc)["GroupId"]
        for vpc in (subnets[0], other)
    )
    request = {"DBInstanceIdentifier": name(), "DBSubnetGroupName": group, **GOOD}
    apart = f"The DB instance is in {subnets[0]} and the EC2 security group is in {other}"
    refused(rds, "create_db_instance", request | {"VpcSecurityGroupIds": [outside]}, COMBINATION, apart)
    public = request | {"PubliclyAccessible": True}
    refused(rds, "create_db_instance", public, "InvalidVPCNetworkStateFault", "has no internet gateway attached.")
    rds.create_db_instance(**request, VpcSecurityGroupIds=[inside])


PARAMETERS: dict[str, tuple[str, str, str]] = {
    "another engine's": ("innodb_buffer_pool_size", "1", "Could not find parameter with name: innodb_buffer_pool_size"),
    "a unit": ("work_mem", "64MB", "Invalid parameter value: 64MB for: work_mem allowed values are: 64-2147483647"),
    "too little": ("work_mem", "63", "allowed values are: 64-2147483647"),
    "too much": ("autovacuum_vacuum_scale_factor", "101", "allowed values are: 0-100"),
    "a word for a choice": ("log_statement", "some", "allowed values are: none,ddl,mod,all"),
    "on for one": ("log_lock_waits", "on", "Invalid parameter value: on for: log_lock_waits allowed values are: 0,1"),
    "what RDS decides": ("fsync", "0", "The parameter fsync cannot be modified."),
    "RDS's own": ("rds.force_ssl", "2", "Invalid parameter value: 2 for: rds.force_ssl allowed values are: 0,1"),
}


@pytest.fixture(scope="module")
def parameters(emulator: Emulator) -> str:
    group = name()
    client(emulator, "rds").create_db_parameter_group(
        DBParameterGroupName=group, DBParameterGroupFamily="postgres17", Description="g"
    )
    return group


def changed(group: str, *pairs: tuple[str, str], method: str = "pending-reboot") -> dict:
    found = [{"ParameterName": each, "ParameterValue": value, "ApplyMethod": method} for each, value in pairs]
    return {"DBParameterGroupName": group, "Parameters": found}


@pytest.mark.parametrize(("parameter", "value", "words"), PARAMETERS.values(), ids=PARAMETERS)
def test_a_parameter_of_a_group_that_nobody_uses_is_refused(
    emulator: Emulator, parameters: str, parameter: str, value: str, words: str
) -> None:
    request = changed(parameters, (parameter, value))
    refused(client(emulator, "rds"), "modify_db_parameter_group", request, VALUE, words)


def test_parameters_at_the_limits_and_formulas_are_taken(emulator: Emulator, parameters: str) -> None:
    rds = client(emulator, "rds")
    taken = {
        "work_mem": "64",
        "autovacuum_vacuum_scale_factor": "100",
        "log_statement": "ddl",
        "log_lock_waits": "1",
        "rds.force_ssl": "1",
        "pg_stat_statements.track": "all",
        "shared_buffers": "{DBInstanceClassMemory/32768}",
        "max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)",
        "idle_in_transaction_session_timeout": "1000",
        "TimeZone": "UTC",
    }
    rds.modify_db_parameter_group(**changed(parameters, *taken.items()))


def test_a_static_parameter_waits_for_a_reboot(emulator: Emulator, parameters: str) -> None:
    rds = client(emulator, "rds")
    for static in ("max_connections", "autovacuum_max_workers", "rds.logical_replication"):
        at_once = changed(parameters, (static, "1"), method="immediate")
        words = f"cannot use immediate apply method for static parameter: {static}"
        refused(rds, "modify_db_parameter_group", at_once, COMBINATION, words)
    rds.modify_db_parameter_group(**changed(parameters, ("log_lock_waits", "0"), method="immediate"))


def test_groups_of_parameters_are_of_a_family_and_not_rds_own(emulator: Emulator) -> None:
    rds = client(emulator, "rds")
    group = {"DBParameterGroupName": name(), "DBParameterGroupFamily": "postgres99", "Description": "g"}
    words = "ParameterGroupFamily postgres99 is not a valid parameter group family"
    refused(rds, "create_db_parameter_group", group, VALUE, words)
    bad = group | {"DBParameterGroupName": "a_b", "DBParameterGroupFamily": "postgres17"}
    refused(rds, "create_db_parameter_group", bad, VALUE, "DBParameterGroupName is not a valid identifier.")
    own = changed("default.postgres17", ("work_mem", "64"))
    refused(rds, "modify_db_parameter_group", own, VALUE, "Cannot modify a default parameter group.")
    one = {"DBParameterGroupName": "default.postgres17"}
    refused(rds, "delete_db_parameter_group", one, VALUE, "Default DBParameterGroup cannot be deleted")
