"""Tell ECS whether the webserver works, by its exit code: whether it answers a query of GraphQL, as the UI asks them.

A status says little: Dagster answers any path with the UI's page and 200, and /server_info, which the load balancer
asks for, also when every thread that answers queries hangs. So the answer's content counts. The query needs neither
database nor daemon nor code: a new webserver would find the same ones, and the page that shows what is wrong would be
gone.
"""

import http.client
import json
import sys

# Less than the check may take: why it failed shall still be said.
SECONDS = 12


def wrong(port: int, path: str = "/graphql") -> str | None:
    """Why the webserver does not work."""
    # Not by urllib, which would ask the proxy of the environment.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    query = json.dumps({"query": "{ version }"})
    try:
        connection.request("POST", path, query, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"
    try:
        version = json.loads(answer)["data"]["version"]
    except (ValueError, KeyError, TypeError):
        version = None
    return None if version else f"the answer has no version: {answer[:200]!r}"


if __name__ == "__main__":
    sys.exit(wrong(int(sys.argv[1])))
