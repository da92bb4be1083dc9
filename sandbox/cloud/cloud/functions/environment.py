"""The environment in which a function's program runs: a container in the network of the function's configuration.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html, runtimes-custom.html (the program
``bootstrap`` in ``/var/task``) and configuration-vpc.html (its network interface, whose security groups count).
"""

import contextlib
import io
import logging
import os
import secrets
import tarfile
import time
import zipfile
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ecs

from cloud.core import partition, settings
from cloud.ecs import agent, network
from cloud.functions import runtime_api
from cloud.iam import role_session
from cloud.network import interfaces, namespaces

# What this module uses of MiniStack.
NEEDS = {ecs: "_get_docker"}

log = logging.getLogger(__name__)
# Lambda gives an environment's program 10 s to begin. A machine that does much else takes longer to start a container.
_INIT_SECONDS = 60.0
_POLL_SECONDS = 0.2
# As Lambda does from time to time; well within the life of the credentials.
_RENEW_SECONDS = 2 * 3600.0
_USER = "993:990"
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: e_machine.
_MACHINES = {"x86_64": 0x3E, "aarch64": 0xB7}


class StartError(RuntimeError):
    """The program does not begin; ``kind`` is Lambda's type of the error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Environment:
    """One environment of a function; it does one invocation at a time."""

    def __init__(self, config: dict[str, Any], code: bytes) -> None:
        self.config, self.busy, self.begun = config, True, time.monotonic()
        self.id = secrets.token_hex(16)
        self.region = get_region()
        # As the ids of tasks: what an emulator of before left is found by it.
        self.owner = f"arn:aws:lambda:{self.region}:{get_account_id()}:function:{config['FunctionName']}/{self.id}"
        self.channel = runtime_api.open_channel(self.id)
        self.credentials = role_session.assume(config["Role"], config["FunctionName"])
        self.stream = f"{datetime.now(UTC):%Y/%m/%d}/[{config['Version']}]{self.id}"
        self._client, self.container = ecs._get_docker(), None
        try:
            self._start(code)
        except BaseException:
            self.stop()
            raise

    @property
    def usable(self) -> bool:
        """Whether it can do another invocation."""
        return time.monotonic() - self.begun < _RENEW_SECONDS and self._runs()

    def _runs(self) -> bool:
        self.container.reload()
        return bool(self.container.status == "running")

    @property
    def group(self) -> str:
        """The log group."""
        return str(
            (self.config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{self.config['FunctionName']}"
        )

    def _start(self, code: bytes) -> None:
        program = _program(code)
        arguments: dict[str, Any] = {"network": settings.network()}
        vpc = self.config.get("VpcConfig") or {}
        if vpc.get("SubnetIds"):
            description = f"AWS Lambda VPC ENI-{self.config['FunctionName']}-{self.id[:8]}"
            groups = vpc.get("SecurityGroupIds") or []
            interfaces.create(vpc["SubnetIds"], groups, interfaces.TASK, self.owner, description)
            arguments = {"network_mode": f"container:{network.ensure(self._client, self.owner).id}"}
        self.container = self._client.containers.create(
            settings.image(),
            entrypoint=["/var/task/bootstrap"],
            name=f"{network.name(self.id)}-function",
            user=_USER,
            working_dir="/var/task",
            cap_drop=["ALL"],
            tmpfs={"/tmp": f"size={(self.config.get('EphemeralStorage') or {}).get('Size', 512)}m,mode=1777"},
            mem_limit=f"{self.config['MemorySize']}m",
            environment=partition.here().outward(self._variables(bool(vpc.get("SubnetIds")))),
            labels=settings.labels(**{network.TASK_LABEL: self.id}),
            **arguments,
        )
        self.container.put_archive("/", program)
        self.container.start()
        self._open_log()
        end = time.monotonic() + _INIT_SECONDS
        while not self.channel.asked.wait(_POLL_SECONDS):
            self.container.reload()
            if self.container.status not in ("running", "created"):
                code_ = self.container.attrs["State"]["ExitCode"]
                raise StartError("Runtime.ExitError", f"Runtime exited with error: exit status {code_}")
            if time.monotonic() > end:
                raise StartError("Sandbox.Timedout", "the program does not ask for its first event")
        if self.channel.init_error:
            raise StartError("Runtime.InitError", str(self.channel.init_error))

    def _variables(self, inside: bool) -> dict[str, str]:
        """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""
        port = settings.gateway_port()
        own = ((self.config.get("Environment") or {}).get("Variables")) or {}
        host = settings.TASK_ENDPOINT if inside else settings.emulator()
        return {
            "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **own,
            "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}{runtime_api.PREFIX}{self.id}",
            "AWS_ENDPOINT_URL": network.endpoint() if inside else f"http://{settings.emulator()}:{port}",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_key,
            "AWS_SESSION_TOKEN": self.credentials.token,
            "AWS_LAMBDA_FUNCTION_NAME": self.config["FunctionName"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.config["MemorySize"]),
            "AWS_LAMBDA_FUNCTION_VERSION": self.config["Version"],
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self.group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.stream,
            "LAMBDA_TASK_ROOT": "/var/task",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": self.config.get("Handler", ""),
        }

    def _open_log(self) -> None:
        """As the function's role may, https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html."""
        self.logs = role_session.client("logs", self.credentials, self.region)
        names = {"logGroupName": self.group}
        with contextlib.suppress(self.logs.exceptions.ClientError):  # it is there, or may not be made
            self.logs.create_log_group(**names)
        try:
            self.logs.create_log_stream(**names, logStreamName=self.stream)
        except self.logs.exceptions.ClientError as error:
            log.warning("%s has no log: %s", self.config["FunctionName"], error)
        agent.follow(self.container, self.logs, {"group": self.group, "stream": self.stream})

    def say(self, line: str) -> None:
        """Write a line of Lambda's own to the log."""
        try:
            agent.put(self.logs, {"group": self.group, "stream": self.stream}, [line.encode()])
        except self.logs.exceptions.ClientError as error:
            log.warning("%s has no log: %s", self.config["FunctionName"], error)

    def invoke(self, event: Any, request: str) -> runtime_api.Invocation:
        """Give the program an event, and wait for what it answers."""
        seconds = float(self.config["Timeout"])
        invocation = runtime_api.Invocation(request, self.config["FunctionArn"], event, time.time() + seconds)
        begin = time.monotonic()
        self.say(f"START RequestId: {request} Version: {self.config['Version']}")
        self.channel.give(invocation)
        while not invocation.answered.wait(_POLL_SECONDS):
            if time.monotonic() - begin > seconds:
                invocation.end(
                    True, self._error("Sandbox.Timedout", request, f"Task timed out after {seconds:.2f} seconds")
                )
            elif not self._runs():
                invocation.end(
                    True, self._error("Runtime.ExitError", request, "Runtime exited without providing a reason")
                )
        milliseconds = 1000 * (time.monotonic() - begin)
        self.say(f"END RequestId: {request}")
        self.say(
            f"REPORT RequestId: {request}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {milliseconds:.0f} ms\t"
            f"Memory Size: {self.config['MemorySize']} MB"
        )
        return invocation

    def _error(self, kind: str, request: str, words: str) -> dict[str, str]:
        error = {"errorType": kind, "errorMessage": f"RequestId: {request} Error: {words}"}
        self.say(f"{request} {words}")
        return error

    def stop(self) -> None:
        """Take it away."""
        runtime_api.close(self.channel)
        if self.container is not None:
            self.container.remove(force=True, v=True)
        network.remove(self._client, self.id)
        interfaces.release(self.owner)
        namespaces.leave(self.owner)


def _program(code: bytes) -> bytes:
    """The archive as a tar with ``/var/task``; a StartError when its program cannot run here."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(code)) as archive, tarfile.open(fileobj=packed, mode="w") as tar:
        if "bootstrap" not in archive.namelist():
            raise StartError("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): [/var/task/bootstrap]")
        _check_machine(archive.read("bootstrap"))
        for member in archive.infolist():
            if member.is_dir():
                continue
            content, entry = archive.read(member), tarfile.TarInfo(f"var/task/{member.filename}")
            entry.size, entry.mode = len(content), (member.external_attr >> 16) & 0o777 or 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _check_machine(program: bytes) -> None:
    machine = int.from_bytes(program[18:20], "little") if program[:4] == b"\x7fELF" else None
    own = _MACHINES.get(os.uname().machine)
    if machine is not None and own is not None and machine != own:
        words = f"fork/exec /var/task/bootstrap: exec format error (this machine is {os.uname().machine})"
        raise StartError("Runtime.InvalidEntrypoint", words)
