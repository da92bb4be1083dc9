"""Install the extensions and serve the emulated AWS: ``python -m cloud``."""

import importlib
import logging

from cloud.core import server, settings

# The extensions, in the order in which they are installed.
MODULES = (
    "cloud.core.labels",
    "cloud.core.whole_responses",
    "cloud.core.persistence",
    "cloud.iam.secure_transport",
    "cloud.s3.conditions",
    "cloud.iam.authorization",
    "cloud.ecs.network",
    "cloud.ecs.tasks",
    "cloud.ecs.refusals",
    "cloud.ecs.stopping",
    "cloud.ecs.credentials",
    "cloud.ecs.agent",
    "cloud.elb.draining",
    "cloud.elb.health",
    "cloud.elb.readback",
    "cloud.elb.refusals",
    "cloud.ecs.services",
    "cloud.ecs.restart",
    "cloud.elb.front_door",
    "cloud.rds.parameters",
    "cloud.rds.server",
    "cloud.rds.backups",
    "cloud.rds.events",
    "cloud.rds.catalog",
    "cloud.rds.readback",
    "cloud.rds.snapshots",
    "cloud.rds.refusals",
    "cloud.autoscaling.service",
    "cloud.ec2.readback",
    "cloud.cloudtrail.readback",
    "cloud.cloudwatch.readback",
    "cloud.ssm.parameters",
    "cloud.s3.kms",
    "cloud.s3.replication",
)


def install() -> None:
    """Install every extension; a part of MiniStack that has changed ends the start."""
    for name in MODULES:
        importlib.import_module(name).install()


def main() -> None:
    """Serve until the process is asked to end."""
    settings.prepare()
    install()
    logging.getLogger("cloud").info("%d extensions installed", len(MODULES))
    server.run()


if __name__ == "__main__":
    main()
