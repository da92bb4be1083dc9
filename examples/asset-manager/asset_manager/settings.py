"""What the environment tells this project; the deployment sets these variables on every container."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

SERVICE_VARIABLES = (
    "STORY_MANAGER_SERVER_HOST",
    "ANALYSIS_MANAGER_SERVER_HOST",
    "QUERY_MANAGER_SERVER_HOST",
    "INSIGHTS_BACKEND_SERVER_HOST",
)


@dataclass(frozen=True)
class Settings:
    """The bucket of the IO manager (none in local development) and the hosts of the application services."""

    s3_bucket: str | None
    service_hosts: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; an empty variable counts as one that is not set."""
        env = os.environ if environment is None else environment
        return cls(
            s3_bucket=env.get("DAGSTER_S3_BUCKET") or None,
            service_hosts={name: env[name] for name in SERVICE_VARIABLES if env.get(name)},
        )
