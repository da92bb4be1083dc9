"""Rates of calls, as tests give them."""

import urllib.request

from helpers.emulator import Emulator


def throttle(aws: Emulator, service: str, operation: str, **rate: float) -> None:
    """Give an operation a rate (calls a second) and a burst; without any it has AWS's own again."""
    query = "".join(f"&{name}={value}" for name, value in rate.items())
    url = f"http://127.0.0.1:{aws.port}/_sandbox/throttle?service={service}&operation={operation}{query}"
    urllib.request.urlopen(urllib.request.Request(url, method="POST")).close()
