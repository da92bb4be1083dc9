"""What starts runs by itself; both are stopped until somebody turns them on."""

import hashlib
import json

from dagster import RunRequest, ScheduleDefinition, SensorEvaluationContext, SensorResult, SkipReason, sensor

from asset_manager.jobs import daily_assets_job
from asset_manager.settings import Settings

daily_assets_schedule = ScheduleDefinition(job=daily_assets_job, cron_schedule="0 6 * * *", execution_timezone="UTC")


@sensor(job=daily_assets_job, minimum_interval_seconds=60)
def service_hosts_sensor(context: SensorEvaluationContext) -> SensorResult | SkipReason:
    """Materialize the assets again when the application services' hosts have changed."""
    hosts = json.dumps(dict(Settings.from_environment().service_hosts), sort_keys=True)
    digest = hashlib.sha256(hosts.encode()).hexdigest()
    if digest == context.cursor:
        return SkipReason("the service hosts are unchanged")
    return SensorResult(run_requests=[RunRequest(run_key=digest)], cursor=digest)
