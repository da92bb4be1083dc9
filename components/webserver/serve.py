"""Serve Dagster's UI and keep silent connections for longer than the load balancer does.

A load balancer uses connections to its targets again; where the target closes one first, a request ends with 502 now
and then (user guide of Application Load Balancers, "HTTP 502: Bad gateway"). Uvicorn closes them after 5 seconds, and
dagster-webserver has no option that says otherwise (dagster-io/dagster#34139). The first argument is how many seconds
they are kept, the others are those of dagster-webserver.
"""

import functools
import sys

import uvicorn
from dagster_webserver.cli import main

uvicorn.run = functools.partial(uvicorn.run, timeout_keep_alive=int(sys.argv.pop(1)))
sys.argv[0] = "dagster-webserver"
main()
