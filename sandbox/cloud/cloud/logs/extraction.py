"""What a filter pattern takes out of an event that it matches.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilterMatchRecord.html.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """A pattern that has been read.

    ``match`` gives the values by their selectors (``$.name`` of JSON, ``$name`` of a field), or None where the message
    does not match; ``selectors`` are those that it can give, none for a pattern of terms.
    """

    match: Callable[[str], dict[str, str] | None]
    selectors: frozenset[str] = frozenset()
    regexes: int = 0
