"""The extensions of MiniStack: in which order they are installed, and that all they rest on is there."""

import importlib
import sys
from collections.abc import Iterable

from cloud.core.patch import DriftError, missing

# The order matters where two extensions wrap one function: tests/core/test_seam.py lists those, with the reasons.
ORDER = (
    "cloud.core.labels",
    "cloud.core.whole_responses",
    "cloud.core.persistence",
    "cloud.core.partition",
    "cloud.core.clock",
    "cloud.iam.secure_transport",
    "cloud.s3.conditions",
    "cloud.iam.endpoint_policies",
    "cloud.iam.recorded",
    "cloud.iam.authorization",
    "cloud.iam.condition_keys",
    "cloud.network.resolver",
    "cloud.network.interfaces",
    "cloud.network.namespaces",
    "cloud.network.calls",
    "cloud.network.listing",
    "cloud.ecs.attachments",
    "cloud.ecs.network",
    "cloud.ecs.tasks",
    "cloud.ecs.launch",
    "cloud.ecs.tagging",
    "cloud.ecs.stopping",
    "cloud.ecs.spot",
    "cloud.ecs.exits",
    "cloud.ecs.failures",
    "cloud.ecs.credentials",
    "cloud.ecs.agent",
    "cloud.elb.nodes",
    "cloud.elb.draining",
    "cloud.elb.health",
    "cloud.elb.texts",
    "cloud.elb.answers",
    "cloud.ecs.rollout",
    "cloud.ecs.services",
    "cloud.ecs.deployments",
    "cloud.ecs.readback",
    "cloud.ecs.restart",
    "cloud.rds.parameters",
    "cloud.rds.server",
    "cloud.rds.restart",
    "cloud.rds.upgrades",
    "cloud.rds.backups",
    "cloud.rds.events",
    "cloud.rds.catalog",
    "cloud.rds.readback",
    "cloud.rds.snapshots",
    "cloud.autoscaling.service",
    "cloud.ec2.routes",
    "cloud.ec2.canonical",
    "cloud.ec2.interfaces",
    "cloud.ec2.nat",
    "cloud.ec2.permissions",
    "cloud.ec2.readback",
    "cloud.ec2.zones",
    "cloud.acm.certificates",
    "cloud.ecr.replication",
    "cloud.account.given",
    "cloud.account.service_quotas",
    "cloud.cloudtrail.readback",
    "cloud.cloudtrail.delivery",
    "cloud.cloudwatch.readback",
    "cloud.cloudwatch.data",
    "cloud.logs.operations",
    "cloud.logs.filtering",
    "cloud.logs.insights",
    "cloud.logs.metric_filters",
    "cloud.ssm.parameters",
    "cloud.sessions.tasks",
    "cloud.sessions.service",
    "cloud.s3.kms",
    "cloud.s3.missing",
    "cloud.s3.replication",
    "cloud.s3.errors",
    "cloud.iam.answers",
    "cloud.ecs.metrics",
    "cloud.elb.metrics",
    "cloud.elb.access_logs",
    "cloud.rds.metrics",
    "cloud.ecs.events",
    "cloud.rds.notifications",
    "cloud.sns.subscriptions",
    "cloud.events.targets",
    "cloud.events.schedules",
    "cloud.functions.execution",
    "cloud.functions.runtime_api",
    "cloud.cloudwatch.alarms",  # behind what records metrics at the same time
    "cloud.requests.throttling",
    "cloud.requests.front_door",
    "cloud.s3.access_logs",
    "cloud.cloudtrail.recording",  # around what refuses calls, and what fails
)


def install(names: Iterable[str] = ORDER) -> None:
    """Install extensions; DriftError names the extensions that a changed MiniStack breaks, and what they lack."""
    extensions = []
    for name in names:
        try:
            extensions.append(importlib.import_module(name))
        except ImportError as error:
            raise DriftError(f"{name}: {error}") from error
    own = [module for name, module in sorted(sys.modules.items()) if name.partition(".")[0] == "cloud"]
    if lacking := [line for module in own for line in missing(module)]:
        raise DriftError("\n".join(lacking))
    for extension in extensions:
        try:
            extension.install()
        except DriftError as error:
            raise DriftError(f"{extension.__name__}: {error}") from error
