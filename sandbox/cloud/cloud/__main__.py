"""Install the extensions and serve the emulated AWS: ``python -m cloud``."""

import importlib
import logging

from cloud import server, settings

# The extensions, in the order in which they are installed.
MODULES = (
    "cloud.labels",
    "cloud.whole_responses",
    "cloud.persistence",
    "cloud.secure_transport",
    "cloud.s3_conditions",
    "cloud.authorization",
    "cloud.ecs_network",
    "cloud.ecs_tasks",
    "cloud.ecs_refusals",
    "cloud.ecs_stop",
    "cloud.ecs_credentials",
    "cloud.ecs_agent",
    "cloud.elb_draining",
    "cloud.elb_health",
    "cloud.elb_readback",
    "cloud.elb_refusals",
    "cloud.ecs_services",
    "cloud.ecs_restart",
    "cloud.front_door",
    "cloud.rds_parameters",
    "cloud.rds_server",
    "cloud.rds_backups",
    "cloud.rds_events",
    "cloud.rds_catalog",
    "cloud.rds_readback",
    "cloud.rds_snapshots",
    "cloud.rds_refusals",
    "cloud.autoscaling",
    "cloud.ec2_readback",
    "cloud.cloudtrail_readback",
    "cloud.cloudwatch_readback",
    "cloud.kms_parameters",
    "cloud.s3_kms",
    "cloud.s3_replication",
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
