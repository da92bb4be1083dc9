"""The jobs: the daily assets, and what shows sizes, failures, long runs, the instance and calls of services."""

import math
import time
import urllib.error
import urllib.request

from dagster import AssetSelection, Config, DagsterInstance, Failure, OpExecutionContext, define_asset_job, job, op

from asset_manager.settings import Settings

daily_assets_job = define_asset_job("daily_assets_job", selection=AssetSelection.all())


@op
def count_primes(context: OpExecutionContext) -> int:
    """Count the primes below 200,000 by trial division: some seconds of CPU."""
    found = sum(all(number % divisor for divisor in range(2, math.isqrt(number) + 1)) for number in range(2, 200_000))
    context.log.info("%d primes found", found)
    return found


@job(tags={"ecs/cpu": "1024", "ecs/memory": "2048"})
def heavy_computation_job() -> None:
    """Its run gets a task of 1 vCPU and 2 GB instead of the launcher's default."""
    count_primes()


@op
def fail() -> None:
    """Fail with a message that must be seen in the UI."""
    raise Failure(description="This job fails on purpose.")


@job
def failing_job() -> None:
    """Always fails."""
    fail()


class WaitConfig(Config):
    """How long to wait, in seconds."""

    seconds: int = 600


@op(pool="waiting")
def wait(context: OpExecutionContext, config: WaitConfig) -> None:
    """Wait in small steps and say so every ten seconds; the pool can limit how many do at a time."""
    for second in range(config.seconds):
        if second % 10 == 0:
            context.log.info("%d of %d seconds", second, config.seconds)
        time.sleep(1)


@job
def long_running_job() -> None:
    """Runs for ten minutes unless it is terminated."""
    wait()


@op
def count_runs(context: OpExecutionContext) -> int:
    """Count the runs that there are, by the instance that code without a context finds."""
    instance = DagsterInstance.get()
    if instance.get_run_by_id(context.run_id) is None:
        raise Failure(description="DagsterInstance.get() does not know this run: it is another instance.")
    found = instance.get_runs_count()
    context.log.info("%d runs", found)
    return found


@job
def run_count_job() -> None:
    """Says how many runs there are."""
    count_runs()


class CallConfig(Config):
    """Which addresses to call; none is the application services' hosts."""

    urls: list[str] = []
    timeout_seconds: float = 10


@op
def call(context: OpExecutionContext, config: CallConfig) -> None:
    """Call each address, and fail with all that do not answer."""
    silent = []
    for url in config.urls or Settings.from_environment().service_hosts.values():
        try:
            with urllib.request.urlopen(url, timeout=config.timeout_seconds) as answer:
                context.log.info("%s answers %d", url, answer.status)
        except urllib.error.HTTPError as error:
            context.log.info("%s answers %d", url, error.code)
        except OSError as error:
            silent.append(f"{url}: {error}")
    if silent:
        raise Failure(description="No answer from " + "; ".join(silent))


@job
def call_services_job() -> None:
    """Says whether this network leads to the services."""
    call()
