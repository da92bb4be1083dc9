"""What a company forbids in every stack.

`pulumi preview --policy-pack examples/policy-pack` is an error where one does it. Types and properties are those of the
resources as Pulumi's registry documents them. A value that is not known at preview is judged at the update.
"""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

# In Fargate's units, 1024 to a vCPU
LARGEST_TASK = 4096


def private_front(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuse a load balancer with public addresses."""
    if args.resource_type == "aws:lb/loadBalancer:LoadBalancer" and args.props.get("internal") is False:
        report("a load balancer faces the internet: dagster:webserver.access internal is allowed")


def own_keys(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuse a database that is not encrypted."""
    if args.resource_type == "aws:rds/instance:Instance" and args.props.get("storageEncrypted") is not True:
        report("a database is not encrypted")


def small_tasks(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuse a task that costs more than people agreed on."""
    if args.resource_type == "aws:ecs/taskDefinition:TaskDefinition":
        cpu = int(args.props.get("cpu") or 0)
        if cpu > LARGEST_TASK:
            report(f"{args.props['family']} has {cpu} units of CPU: up to {LARGEST_TASK} are allowed")


def no_people(args: StackValidationArgs, report: ReportViolation) -> None:
    """Refuse users of IAM, whose keys do not end: people and pipelines take roles."""
    users = [each.name for each in args.resources if each.resource_type == "aws:iam/user:User"]
    if users:
        report(f"users of IAM: {', '.join(users)}")


PolicyPack(
    name="company",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(name="private-front", description="The UI is private", validate=private_front),
        ResourceValidationPolicy(name="own-keys", description="Databases are encrypted", validate=own_keys),
        ResourceValidationPolicy(name="small-tasks", description="Tasks stay small", validate=small_tasks),
        StackValidationPolicy(name="no-people", description="Nobody has a key that does not end", validate=no_people),
    ],
)
