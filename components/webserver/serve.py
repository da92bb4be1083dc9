"""Serve Dagster's UI, keep silent connections longer than the load balancer does, and see when the database's broke.

A load balancer uses connections to its targets again; where the target closes one first, a request ends with 502 now
and then (user guide of Application Load Balancers, "HTTP 502: Bad gateway"). Uvicorn closes them after 5 seconds, and
dagster-webserver has no option that says otherwise (dagster-io/dagster#34139). The first argument is how many seconds
they are kept, the others are those of dagster-webserver.

The webserver also keeps connections to the database, and takes them for whole: after a restart or a failover the next
query on each would fail. So each is asked first (SQLAlchemy's manual, "Dealing with Disconnects").
"""

import functools
import sys

import uvicorn
from dagster_postgres import utils
from dagster_webserver.cli import main

uvicorn.run = functools.partial(uvicorn.run, timeout_keep_alive=int(sys.argv.pop(1)))
utils.create_engine = functools.partial(utils.create_engine, pool_pre_ping=True)
sys.argv[0] = "dagster-webserver"
main()
