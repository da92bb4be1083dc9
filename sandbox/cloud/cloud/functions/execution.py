"""Run functions with a runtime of their own in containers.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: an environment serves one event after the
other, and each that comes meanwhile has one of its own. MiniStack runs such a program as a process of its own, in no
VPC, and writes its log as nobody.
"""

import logging
import threading
from typing import Any

from ministack.services import lambda_svc

from cloud.core import patch, settings
from cloud.functions.environment import Environment, StartError
from cloud.network.interfaces import FullError

# What this module uses of MiniStack.
NEEDS = {lambda_svc: "_functions"}

log = logging.getLogger(__name__)
# By the ARN, the code and the configuration: another one begins anew.
_environments: dict[tuple[str, str], list[Environment]] = {}
_lock = threading.Lock()


def _execute(old: Any, func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    if not settings.network():
        found: dict[str, Any] = old(func, event, request_id)
        return found
    config = func.get("config") or func
    try:
        environment = _lease(config, func["code_zip"])
    except (StartError, FullError) as error:
        kind = error.kind if isinstance(error, StartError) else "ENILimitReachedException"
        log.warning("the function %s does not start: %s", config["FunctionName"], error)
        return _failed({"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {error}"})
    try:
        invocation = environment.invoke(event, request_id)
    finally:
        environment.busy = False
    if invocation.failed and (invocation.answer or {}).get("errorType") in ("Sandbox.Timedout", "Runtime.ExitError"):
        _drop(environment)
    return _failed(invocation.answer) if invocation.failed else {"body": invocation.answer, "log_source": "own"}


def _failed(answer: Any) -> dict[str, Any]:
    return {"body": answer, "error": True, "log_source": "own"}


def _key(config: dict[str, Any]) -> tuple[str, str]:
    return config["FunctionArn"].split(":function:")[0] + ":" + config["FunctionName"], config["RevisionId"]


def _lease(config: dict[str, Any], code: bytes) -> Environment:
    key = _key(config)
    with _lock:
        stale = [known for known in _environments if known[0] == key[0] and known != key]
        for known in stale:
            for environment in _environments.pop(known):
                environment.stop()
        for environment in list(_environments.get(key, [])):
            if not environment.busy and environment.usable:
                environment.busy = True
                return environment
            if not environment.busy:
                _environments[key].remove(environment)
                environment.stop()
    environment = Environment(config, code)
    with _lock:
        _environments.setdefault(key, []).append(environment)
    return environment


def _drop(environment: Environment) -> None:
    with _lock:
        for known in _environments.values():
            if environment in known:
                known.remove(environment)
    environment.stop()


def _delete(old: Any, name: str, query_params: dict[str, Any], path_qualifier: str | None = None) -> Any:
    answer = old(name, query_params, path_qualifier)
    if name not in lambda_svc._functions:
        with _lock:
            gone = [key for key, known in _environments.items() if any(e.config["FunctionName"] == name for e in known)]
            for environment in [each for key in gone for each in _environments.pop(key)]:
                environment.stop()
    return answer


def _log(old: Any, func: dict[str, Any], *rest: Any, **options: Any) -> None:
    """The program's output is in its log already."""
    if options.get("log_source") != "own":
        old(func, *rest, **options)


def install() -> None:
    """Take the place of MiniStack's executor for programs."""
    patch.wrap(lambda_svc, "_execute_function_provided_warm", _execute, "func event request_id")
    patch.wrap(lambda_svc, "_delete_function", _delete, "name query_params path_qualifier")
    parameters = "func request_id log_text error duration_ms log_source"
    patch.wrap(lambda_svc, "_emit_lambda_logs", _log, parameters)
