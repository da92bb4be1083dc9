"""Bridge networks of a container engine, in addresses that no VPC has."""

import random
from ipaddress import ip_network
from typing import Any

import docker
from docker.errors import APIError

_RANGES = list(ip_network("198.18.0.0/15").subnets(new_prefix=24))
_TRIES = 64


def make_bridge(engine: docker.DockerClient, name: str, labels: dict[str, str] | None = None) -> Any:
    """A network in a /24 of 198.18.0.0/15, as the driver's; where another sandbox has taken it, in another one."""
    for subnet in random.sample(_RANGES, _TRIES):
        ranges = docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=str(subnet))])
        try:
            return engine.networks.create(name, labels=labels, ipam=ranges)
        except APIError as error:
            # Podman's words, and Docker's.
            if "already used" not in str(error) and "overlaps" not in str(error):
                raise
            taken = error
    raise taken
