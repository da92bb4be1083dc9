"""What the sandbox tells the emulator through its environment.

``SANDBOX_INSTANCE`` names the sandbox, ``SANDBOX_IMAGE`` is the emulator's own image (pause containers are made from
it), ``DOCKER_NETWORK`` the instance's network. The machine serves the AWS API at 127.0.0.1, port ``SANDBOX_AWS_PORT``.
The root user's credentials are ``SANDBOX_ROOT_ACCESS_KEY_ID`` and ``SANDBOX_ROOT_SECRET_ACCESS_KEY``. The rest
(``GATEWAY_PORT``, ``AUTH``, ``PERSIST_STATE``, ``MINISTACK_ACCOUNT_ID``, ``MINISTACK_REGION``, ...) is MiniStack's.
"""

import os
from pathlib import Path

# The address at which AWS serves task credentials and metadata:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
TASK_ENDPOINT = "169.254.170.2"
# How another container of the instance's network reaches it.
TASK_ROUTE = f"ip route replace {TASK_ENDPOINT}/32 dev eth0"
INSTANCE_LABEL = "dagster.sandbox.instance"


def prepare() -> None:
    """Translate the sandbox's variables into those that MiniStack reads when it is imported."""
    access_key = os.environ.get("SANDBOX_ROOT_ACCESS_KEY_ID")
    secret_key = os.environ.get("SANDBOX_ROOT_SECRET_ACCESS_KEY")
    if access_key and secret_key:
        os.environ["AWS_ACCESS_KEY_ID"] = access_key
        os.environ["AWS_SECRET_ACCESS_KEY"] = secret_key
    # Making a container takes longer than MiniStack's 10 s where several are made at once.
    os.environ.setdefault("MINISTACK_DOCKER_TIMEOUT", "120")
    # MiniStack knows its own containers by this name; a host name would change with every new container.
    os.environ.setdefault("MINISTACK_HOSTNAME", emulator())


def instance() -> str:
    """The sandbox's name."""
    return os.environ.get("SANDBOX_INSTANCE", "dev")


def emulator() -> str:
    """The name of the emulator's container, by which others on the bridge look it up."""
    return f"dagster-sandbox-{instance()}"


def image() -> str:
    """The emulator's own image."""
    return os.environ.get("SANDBOX_IMAGE", "")


def network() -> str:
    """The instance's bridge network."""
    return os.environ.get("DOCKER_NETWORK", "")


def gateway_port() -> int:
    """The port of the AWS API."""
    return int(os.environ.get("GATEWAY_PORT", "4566"))


def aws_port() -> int:
    """The port of 127.0.0.1 at which the machine serves the AWS API; 0 when it is not said."""
    return int(os.environ.get("SANDBOX_AWS_PORT", "0"))


def front_door_port() -> int:
    """The port at which the load balancers answer to any host name."""
    return int(os.environ.get("SANDBOX_FRONT_DOOR_PORT", "8080"))


def state_directory() -> Path:
    """Where the state lies that outlives the process."""
    return Path(os.environ.get("STATE_DIR", "/tmp/ministack-state"))


def labels(**extra: str) -> dict[str, str]:
    """The labels of everything that this instance creates in the container engine."""
    return {INSTANCE_LABEL: instance(), **extra}
