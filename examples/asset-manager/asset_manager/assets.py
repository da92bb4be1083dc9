"""Three assets in a row, and one that shows which application services this environment talks to."""

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetExecutionContext,
    MetadataValue,
    asset,
    asset_check,
)

from asset_manager.settings import SERVICE_VARIABLES, Settings

STORIES = ("The fox and the grapes", "The tortoise and the hare", "The ant and the grasshopper")


@asset(group_name="stories")
def stories(context: AssetExecutionContext) -> list[str]:
    """The titles to work on."""
    print(f"{len(STORIES)} stories read")  # plain stdout: it ends up in the compute log
    context.add_output_metadata({"count": len(STORIES)})
    return list(STORIES)


@asset(group_name="stories")
def word_counts(stories: list[str]) -> dict[str, int]:
    """Words per title."""
    return {title: len(title.split()) for title in stories}


@asset(group_name="stories")
def longest_story(context: AssetExecutionContext, word_counts: dict[str, int]) -> str:
    """The title with the most words; the first in the alphabet among equals."""
    title = min(word_counts, key=lambda name: (-word_counts[name], name))
    context.add_output_metadata({"title": title, "words": word_counts[title]})
    return title


@asset(group_name="environment")
def service_hosts(context: AssetExecutionContext) -> dict[str, str]:
    """The application services' addresses, as the environment gives them."""
    hosts = dict(Settings.from_environment().service_hosts)
    context.add_output_metadata({name: MetadataValue.url(host) for name, host in hosts.items()})
    return hosts


@asset_check(asset=service_hosts)
def every_service_has_a_host(service_hosts: dict[str, str]) -> AssetCheckResult:
    """Warns about each application service whose variable is not set."""
    missing = [name for name in SERVICE_VARIABLES if name not in service_hosts]
    return AssetCheckResult(passed=not missing, severity=AssetCheckSeverity.WARN, metadata={"missing": missing})
