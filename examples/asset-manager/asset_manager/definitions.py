"""What Dagster loads: `dagster dev -m asset_manager.definitions`."""

from dagster import Definitions, in_process_executor
from dagster_aws.s3 import S3PickleIOManager, S3Resource

from asset_manager.assets import every_service_has_a_host, longest_story, service_hosts, stories, word_counts
from asset_manager.automation import daily_assets_schedule, service_hosts_sensor
from asset_manager.jobs import (
    call_services_job,
    daily_assets_job,
    failing_job,
    heavy_computation_job,
    long_running_job,
    run_count_job,
)
from asset_manager.settings import Settings


def build(settings: Settings) -> Definitions:
    """Put the project together; outputs go to S3 only where there is a bucket."""
    resources = {}
    if settings.s3_bucket:
        resources["io_manager"] = S3PickleIOManager(
            s3_resource=S3Resource(), s3_bucket=settings.s3_bucket, s3_prefix="dagster/io"
        )
    return Definitions(
        assets=[stories, word_counts, longest_story, service_hosts],
        asset_checks=[every_service_has_a_host],
        jobs=[
            daily_assets_job,
            heavy_computation_job,
            failing_job,
            long_running_job,
            run_count_job,
            call_services_job,
        ],
        schedules=[daily_assets_schedule],
        sensors=[service_hosts_sensor],
        resources=resources,
        # A run has a container of its own: more processes in it would only cost memory and connections.
        executor=in_process_executor,
    )


defs = build(Settings.from_environment())
