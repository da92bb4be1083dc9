"""StartSession, TerminateSession, ResumeSession, ExecuteCommand, and the data channel that they lead to.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html. Sessions lead to containers of tasks
only; a lost connection ends one, as if it had timed out. On AWS the channel is served by ``ssmmessages``.
"""

import json
import re
import secrets
import shlex
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app
from ministack.core.iam_evaluator import request_caller_arn
from ministack.core.responses import error_response_json, json_response
from ministack.services import ecs, ssm

from cloud.core import patch
from cloud.ecs import network
from cloud.sessions import tasks
from cloud.sessions.process import Process
from cloud.sessions.session import Session

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_get_docker _resolve_cluster_name _resolve_task",
}

_PATH = re.compile(r"^/v1/data-channel/([\w.@=,+-]+)$")
_SHELL, _PORT = "SSM-SessionManagerRunShell", "AWS-StartPortForwardingSession"
_REMOTE_PORT = "AWS-StartPortForwardingSessionToRemoteHost"
_sessions: dict[str, Session] = {}


def _start(data: dict[str, Any], caller: str) -> Any:
    target = tasks.find(data["Target"])
    if target is None:
        return error_response_json("TargetNotConnected", f"{data['Target']} is not connected.", 400)
    document, given = data.get("DocumentName", _SHELL), data.get("Parameters") or {}
    session_id = f"{re.split('[/:]', caller)[-1]}-{secrets.token_hex(9)}"
    if document == _SHELL:
        return json_response(_opened(_shell(session_id, target, ["sh"])))
    if document not in (_PORT, _REMOTE_PORT):
        return error_response_json("InvalidDocument", f"Document with name {document} does not exist.", 400)
    parameters = {name: values[0] for name, values in given.items() if values}
    port, local = parameters.get("portNumber", "80"), parameters.get("localPortNumber", "0")
    host = parameters.get("host", "localhost") if document == _REMOTE_PORT else "localhost"
    properties = {"portNumber": port, "localPortNumber": local, "host": host, "type": "LocalPortForwarding"}
    # From the task's network, where its security groups and routes decide.
    place = network.name(target.task["taskArn"].rsplit("/", 1)[-1])
    process = Process(ecs._get_docker(), place, ["python", "-m", "cloud.sessions.forward", host, port], False)
    return json_response(_opened(Session(session_id, target.id, process, False, properties)))


def _shell(session_id: str, target: tasks.Target, command: list[str]) -> Session:
    return Session(session_id, target.id, Process(ecs._get_docker(), target.engine_id, command, True), True)


def _opened(session: Session) -> dict[str, str]:
    """The session as StartSession answers it."""
    _sessions[session.id] = session
    url = network.endpoint().replace("http://", "ws://", 1)
    return {
        "SessionId": session.id,
        "StreamUrl": f"{url}/v1/data-channel/{session.id}?role=publish_subscribe",
        "TokenValue": session.token,
    }


def _terminate(data: dict[str, Any], _: str) -> Any:
    session = _sessions.pop(data["SessionId"], None)
    if session is not None:
        session.end()
    return json_response({"SessionId": data["SessionId"]})


def _resume(data: dict[str, Any], _: str) -> Any:
    """Without a token: the session has timed out."""
    return json_response({"SessionId": data["SessionId"]})


_OPERATIONS = {"StartSession": _start, "TerminateSession": _terminate, "ResumeSession": _resume}


async def _handle(old: Any, method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation not in _OPERATIONS:
        return await old(method, path, headers, body, query)
    return _OPERATIONS[operation](json.loads(body), request_caller_arn(headers, query))


def _execute(old: Any, data: dict[str, Any]) -> Any:
    """MiniStack's refusals and answer, with a session behind it."""
    answer = old(data)
    if answer[0] != 200:
        return answer
    task = ecs._resolve_task(data["task"], ecs._resolve_cluster_name(data.get("cluster", "default")))
    if len(task["containers"]) > 1 and not data.get("container"):
        return _refused("A container name must be specified for a task with several containers.")
    name = data.get("container") or task["containers"][0]["name"]
    number = next((i for i, each in enumerate(task["containers"]) if each["name"] == name), None)
    if number is None:
        return _refused(f"The container {name} does not exist in the task.")
    if not task.get("enableExecuteCommand") or task.get("lastStatus") != "RUNNING":
        return _refused(
            "The execute command failed because execute command was not enabled when the task was run or the execute "
            "command agent isn’t running. Wait and try again or run a new task with execute command enabled and try "
            "again."
        )
    if not tasks.connected(task, task["containers"][number]):
        message = "The execute command failed due to an internal error. Try again later."
        return error_response_json("TargetNotConnectedException", message, 400)
    session_id = f"ecs-execute-command-{secrets.token_hex(9)}"
    opened = _opened(_shell(session_id, tasks.Target(task, number), shlex.split(data["command"])))
    shown = {name[0].lower() + name[1:]: value for name, value in opened.items()}
    return json_response(json.loads(answer[2]) | {"session": shown})


def _refused(message: str) -> Any:
    return error_response_json("InvalidParameterException", message, 400)


async def _app(old: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:
    match = _PATH.match(scope.get("path", "")) if scope["type"] == "websocket" else None
    if match is None:
        await old(scope, receive, send)
        return
    await receive()  # the request to connect
    await send({"type": "websocket.accept"})
    session = _sessions.get(match.group(1))
    try:
        if session is not None and await _token(receive) == session.token:
            await session.serve(lambda: _received(receive), lambda raw: send({"type": "websocket.send", "bytes": raw}))
    except (ConnectionError, TimeoutError):
        pass
    finally:
        _sessions.pop(match.group(1), None)
    await send({"type": "websocket.close", "code": 1000})


async def _token(receive: Callable[[], Awaitable[dict[str, Any]]]) -> str:
    """What the client shows first (OpenDataChannelInput in service.go of the plugin)."""
    said = json.loads(await _received(receive))
    return str(said.get("TokenValue", ""))


async def _received(receive: Callable[[], Awaitable[dict[str, Any]]]) -> bytes:
    event = await receive()
    if event["type"] != "websocket.receive":
        raise ConnectionResetError("the client is gone")
    return event.get("bytes") or (event.get("text") or "").encode()


def install() -> None:
    """Add the operations of Session Manager and the data channel."""
    patch.wrap(ssm, "handle_request", _handle, "method path headers body query_params")
    patch.wrap(ecs, "_execute_command", _execute, "data")
    patch.wrap(app, "app", _app, "scope receive send")
