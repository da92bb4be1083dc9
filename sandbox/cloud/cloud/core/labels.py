"""Mark whatever MiniStack creates in the container engine as this sandbox's, so that ``down`` finds it."""

from typing import Any

from ministack.core import container_reaper

from cloud.core import patch, settings


def install() -> None:
    """Add the instance's label to MiniStack's own labels."""

    def own_labels(old: Any, *args: Any, **kwargs: Any) -> dict[str, str]:
        return {**old(*args, **kwargs), **settings.labels()}

    patch.wrap(container_reaper, "own_labels", own_labels)
