"""AWS's own plugin opens shells in tasks and connections through them."""

import json
import os
import pty
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.sandbox import ADMINISTRATOR, Sandbox, running, until

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[4]
PLUGIN = "github.com/aws/session-manager-plugin/src/sessionmanagerplugin-main"
CHANNELS = [f"ssmmessages:{which}Channel" for which in ("CreateControl", "CreateData", "OpenControl", "OpenData")]
REMOTE = "AWS-StartPortForwardingSessionToRemoteHost"
# Answers each line in capitals, by a process for each connection.
SERVER = """
import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())
socketserver.ThreadingTCPServer(("", 7000), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AWS's plugin, built from the module that the program is pinned to."""
    path = tmp_path_factory.mktemp("plugin") / "session-manager-plugin"
    subprocess.run(["go", "build", "-o", path, PLUGIN], cwd=REPOSITORY, check=True)
    return path


def start(sandbox: Sandbox, script: list[str], role: str, **container: Any) -> dict:
    """A task with ECS Exec, once it runs."""
    definition = sandbox.define(
        {"name": "main", "entryPoint": script[:1], "command": script[1:], **container}, taskRoleArn=role
    )
    task = sandbox.run(definition, enableExecuteCommand=True)
    until("the task", lambda: sandbox.describe(task)["lastStatus"] == "RUNNING")
    return sandbox.describe(task)


@pytest.fixture(scope="module")
def gateway(sandbox: Sandbox) -> dict:
    """A task whose agent is allowed all that it needs."""
    role = sandbox.role({"Effect": "Allow", "Action": CHANNELS, "Resource": "*"})
    return start(sandbox, ["sleep", "infinity"], role)


@pytest.fixture(scope="module")
def server(sandbox: Sandbox) -> str:
    """The address of a task that serves port 7000."""
    task = start(sandbox, ["python", "-c", SERVER], sandbox.role())
    address = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}["privateIPv4Address"]
    until("the server", lambda: _listens(sandbox, task["taskArn"]))
    return address


def _listens(sandbox: Sandbox, task: str) -> bool:
    check = ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 7000))"]
    return sandbox.container_of(task).exec_run(check).exit_code == 0


def target(task: dict) -> str:
    """How Session Manager names the task's container."""
    return f"ecs:work_{task['taskArn'].rsplit('/', 1)[-1]}_{task['containers'][0]['runtimeId']}"


def begin(sandbox: Sandbox, plugin: Path, session: dict, name: str, **process: Any) -> subprocess.Popen:
    """Start the plugin as AWS's command line does."""
    given = {key[0].upper() + key[1:]: value for key, value in session.items() if key != "ResponseMetadata"}
    arguments = [
        json.dumps(given),
        sandbox.region,
        "StartSession",
        "",
        json.dumps({"Target": name}),
        "http://localhost",
    ]
    credentials = {key.upper(): value for key, value in ADMINISTRATOR.items()}
    return subprocess.Popen([plugin, *arguments], env=os.environ | credentials, **process)


class Forwarding:
    """A session that forwards a port, and the port on this machine."""

    def __init__(self, sandbox: Sandbox, plugin: Path, task: dict, host: str, port: int = 7000) -> None:
        self.ssm, name = sandbox.client("ssm"), target(task)
        parameters = {"host": [host], "portNumber": [str(port)], "localPortNumber": ["0"]}
        session = self.ssm.start_session(Target=name, DocumentName=REMOTE, Parameters=parameters)
        self.id = session["SessionId"]
        self.process = begin(sandbox, plugin, session, name, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        until("the plugin to listen", lambda: self.said("Waiting for connections"), told=lambda: self.lines)
        self.port = int(re.findall(r"Port (\d+) opened", "".join(self.lines))[0])

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def __enter__(self) -> "Forwarding":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def said(self, words: str) -> bool:
        """Whether the plugin has told a person."""
        return any(words in line for line in self.lines)


def ask(port: int, text: bytes) -> bytes:
    """Send a line and read the answer, as far as it comes; to end one side would end both (muxportforwarding.go)."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text)
        answer = b""
        while len(answer) < len(text) and (chunk := connection.recv(65536)):
            answer += chunk
        return answer


def test_connections_go_through_one_session_side_by_side(
    sandbox: Sandbox, plugin: Path, gateway: dict, server: str
) -> None:
    texts = [f"connection {i} ".encode() * 20000 + b"\n" for i in range(8)]
    with Forwarding(sandbox, plugin, gateway, server) as way, ThreadPoolExecutor(len(texts)) as pool:
        answers = list(pool.map(lambda text: ask(way.port, text), texts))
    assert answers == [text.upper() for text in texts]


def test_a_host_that_does_not_answer_closes_the_connection_and_not_the_session(
    sandbox: Sandbox, plugin: Path, gateway: dict, server: str
) -> None:
    with Forwarding(sandbox, plugin, gateway, server, port=7001) as way:
        assert ask(way.port, b"hello\n") == b""
        until("the words of the plugin", lambda: way.said("Connection to destination port failed"))
        assert ask(way.port, b"hello\n") == b""


def test_a_session_that_is_terminated_ends_the_plugin(
    sandbox: Sandbox, plugin: Path, gateway: dict, server: str
) -> None:
    with Forwarding(sandbox, plugin, gateway, server) as way:
        assert ask(way.port, b"hello\n") == b"HELLO\n"
        way.ssm.terminate_session(SessionId=way.id)
        assert way.process.wait(timeout=30) == 0


def test_execute_command_opens_a_shell_of_root_with_a_terminal(sandbox: Sandbox, plugin: Path, gateway: dict) -> None:
    session = sandbox.client("ecs").execute_command(
        cluster="work", task=gateway["taskArn"], command="sh", interactive=True
    )["session"]
    terminal, inner = pty.openpty()
    shell = begin(
        sandbox, plugin, session, target(gateway), stdin=inner, stdout=subprocess.PIPE, start_new_session=True
    )
    os.write(terminal, b"id -u; tty; hostname; exit\r")
    said, _ = shell.communicate(timeout=60)
    os.close(terminal)
    os.close(inner)
    lines = said.decode().split()
    assert "0" in lines
    assert any(line.startswith("/dev/pts") or line.startswith("/dev/console") for line in lines)
    assert shell.returncode == 0


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return refused.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    ("role", "container"),
    [([], {}), (CHANNELS[1:], {}), (CHANNELS, {"readonlyRootFilesystem": True})],
    ids=["without permissions", "without one of them", "in a read-only root"],
)
def test_an_agent_that_cannot_connect_is_no_target(sandbox: Sandbox, role: list[str], container: dict) -> None:
    statements = [{"Effect": "Allow", "Action": role, "Resource": "*"}] if role else []
    task = start(sandbox, ["sleep", "infinity"], sandbox.role(*statements), **container)
    with pytest.raises(ClientError) as refused:
        sandbox.client("ssm").start_session(Target=target(task))
    assert code(refused) == "TargetNotConnected"
    with pytest.raises(ClientError) as refused:
        sandbox.client("ecs").execute_command(cluster="work", task=task["taskArn"], command="sh", interactive=True)
    assert code(refused) == "TargetNotConnectedException"


def test_a_task_without_exec_has_no_agent(sandbox: Sandbox, gateway: dict) -> None:
    definition = sandbox.define({"name": "main", "entryPoint": ["sleep"], "command": ["infinity"]})
    task = sandbox.run(definition)
    until("the task", lambda: sandbox.describe(task)["lastStatus"] == "RUNNING")
    assert "managedAgents" not in sandbox.describe(task)["containers"][0]
    assert gateway["containers"][0]["managedAgents"][0]["lastStatus"] == "RUNNING"
    with pytest.raises(ClientError, match="execute command was not enabled") as refused:
        sandbox.client("ecs").execute_command(cluster="work", task=task, command="sh", interactive=True)
    assert code(refused) == "InvalidParameterException"
