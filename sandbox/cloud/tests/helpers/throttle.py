"""Rates of calls, as tests give them."""

import json
import urllib.request

from helpers.emulator import Emulator


def throttle(aws: Emulator, service: str, operation: str, **rate: float) -> int:
    """Give an operation a rate a second and a burst, without any AWS's own; how many calls were throttled before."""
    query = "".join(f"&{name}={value}" for name, value in rate.items())
    url = f"http://127.0.0.1:{aws.port}/_sandbox/throttle?service={service}&operation={operation}{query}"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
        return json.load(answer)["throttled"]
