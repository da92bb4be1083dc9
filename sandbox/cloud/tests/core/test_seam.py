"""Whatever the extensions use of MiniStack is declared, there, and called as it wants to be."""

import ast
import contextlib
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ministack.core.responses import AccountRegionScopedDict

PACKAGE = Path(__file__).parents[2] / "cloud"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in ("__main__.py", "__init__.py"))
# What MiniStack's stores have beyond a dict, by which their use is recognized.
STORE_METHODS = {name for name in set(dir(AccountRegionScopedDict)) - set(dir(dict)) if not name.startswith("_")}


@dataclass
class Use:
    """What one file of ours uses of MiniStack."""

    attributes: set[tuple[str, str]] = field(default_factory=set)
    calls: list[tuple[Callable[..., Any], ast.Call]] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)


def modules(tree: ast.AST) -> dict[str, ModuleType]:
    """MiniStack's modules by the names under which a file imports them."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ministack":
            for each in node.names:
                with contextlib.suppress(ModuleNotFoundError):  # not a module, but something in one
                    found[each.asname or each.name] = importlib.import_module(f"{node.module}.{each.name}")
    return found


def used(path: Path) -> Use:
    """Collect the uses in a file."""
    tree = ast.parse(path.read_text())
    imported, use = modules(tree), Use()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner in imported:
            use.attributes.add((imported[owner].__name__, node.attr))
        elif node.attr in STORE_METHODS:
            use.attributes.add((AccountRegionScopedDict.__name__, node.attr))
        elif node.attr.startswith("_") and not node.attr.startswith("__") and owner != "self":
            use.strangers.add(ast.unparse(node))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            module = imported.get(node.func.value.id)
            if module is not None and inspect.isroutine(function := getattr(module, node.func.attr, None)):
                use.calls.append((function, node))
    return use


def extension(path: Path) -> ModuleType:
    """The module in a file."""
    return importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))


def declared(module: ModuleType) -> Iterator[tuple[str, str]]:
    """What a module says that it uses."""
    for owner, names in getattr(module, "NEEDS", {}).items():
        for name in names.split():
            yield owner.__name__, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_is_used_is_declared_and_nothing_else(path: Path) -> None:
    assert set(declared(extension(path))) == used(path).attributes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nobody_reaches_into_objects_of_ministack(path: Path) -> None:
    assert used(path).strangers == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_calls_fit_what_the_functions_take(path: Path) -> None:
    for function, call in used(path).calls:
        if any(isinstance(each, ast.Starred) for each in call.args) or any(not each.arg for each in call.keywords):
            continue
        # Raises TypeError, which names the parameter that is too much or too little.
        inspect.signature(function).bind(*call.args, **{each.arg: each.value for each in call.keywords if each.arg})


# The functions that two extensions wrap, the inner one first, and why in this order.
SHARED = {
    "ministack.app._handle_admin_reset": (
        (
            "cloud.core.clock",
            "cloud.iam.recorded",
            "cloud.network.listing",
            "cloud.ecs.spot",
            "cloud.account.given",
            "cloud.requests.throttling",
        ),
        "each answers paths of its own: any order would do",
    ),
    "ministack.app._load_persisted_state": (
        ("cloud.core.persistence", "cloud.elb.nodes", "cloud.ecs.restart", "cloud.rds.restart"),
        "load balancers, tasks and databases are taken up once the state is loaded",
    ),
    "ministack.app._dispatch_service_request": (
        ("cloud.requests.front_door", "cloud.s3.access_logs", "cloud.cloudtrail.recording"),
        "a call that fails is recorded with the answer that it gets",
    ),
    "ministack.app.app": (
        ("cloud.network.calls", "cloud.sessions.service", "cloud.functions.runtime_api"),
        "programs of functions ask for events whatever calls their network lets out; channels are other connections",
    ),
    "ministack.services.alb.handle_request": (
        ("cloud.network.namespaces", "cloud.elb.nodes"),
        "each looks again at what has changed: any order would do",
    ),
    "ministack.core.iam_actions.s3_service_context": (
        ("cloud.iam.secure_transport", "cloud.s3.conditions"),
        "each adds a key of its own: any order would do",
    ),
    "ministack.core.iam_evaluator.enforce": (
        ("cloud.iam.endpoint_policies", "cloud.iam.recorded", "cloud.iam.authorization"),
        "the endpoint's policy is asked for each action of a call, and each is recorded with the answer",
    ),
    "ministack.services.ecs._cleanup_task_resources": (
        ("cloud.ecs.network", "cloud.ecs.agent"),
        "the last lines are read before anything is removed",
    ),
    "ministack.services.ecs._run_task": (
        ("cloud.ecs.launch", "cloud.ecs.tagging", "cloud.ec2.interfaces"),
        "each looks at other members of the call, and what is kept with a task is kept when it was not refused",
    ),
    "ministack.services.rds._create_db_instance_impl": (
        ("cloud.rds.server", "cloud.rds.readback"),
        "what is shown includes the server's port and name",
    ),
    "ministack.services.rds.ModifyDBInstance": (
        ("cloud.rds.server", "cloud.rds.upgrades", "cloud.rds.readback"),
        "what is shown includes the server's status, also of an upgrade",
    ),
    "ministack.services.s3.handle_request": (
        ("cloud.s3.kms", "cloud.s3.missing"),
        "one looks at objects that are there, the other at those that are not: any order would do",
    ),
    **dict.fromkeys(
        [f"ministack.services.ec2.{operation}" for operation in ("CreateRoute", "DeleteRoute", "ReplaceRoute")],
        (("cloud.ec2.routes", "cloud.ec2.canonical"), "routes are kept by ranges without host bits"),
    ),
}


def test_a_function_that_two_extensions_wrap_is_listed_with_the_reason() -> None:
    """Installs all extensions in a process of its own: it changes MiniStack for good."""
    script = (
        "import json; from cloud.core import patch, settings; settings.prepare(); from cloud import extensions; "
        "extensions.install(); print(json.dumps(patch.layers()))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    layers = json.loads(done.stdout.splitlines()[-1])
    twice = {name: tuple(around) for name, around in layers.items() if len(around) > 1}
    assert twice == {name: order for name, (order, _) in SHARED.items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("del alb._tgs", "cloud.elb.health: ministack.services.alb._tgs is missing"),
        ("del alb._create_lb", "cloud.elb.answers: ministack.services.alb._create_lb is missing"),
        ("alb._create_lb = lambda p, more: ''", "cloud.elb.answers: ministack.services.alb._create_lb takes (p more)"),
        ("del responses.new_uuid", "cloud.iam.authorization: cannot import name 'new_uuid' from 'ministack.core.re"),
        ("rds._ACTION_MAP['DescribeCertificates'] = 1", "cloud.rds.catalog: ministack.services.rds._ACTION_MAP has"),
        ("del ec2._ACTION_MAP['CreateFlowLogs']", "cloud.ec2.readback: ministack.services.ec2._ACTION_MAP lacks"),
    ],
)
def test_a_changed_ministack_ends_the_start_with_one_message(change: str, message: str) -> None:
    script = f"""
from ministack import app
from ministack.core import responses
from ministack.services import alb, cloudwatch_logs, ec2, ecs, imds, kms, rds, ssm, sts
{change}
from cloud.__main__ import main
main()
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert message in done.stderr.partition("error: the extensions do not fit this version of MiniStack:\n")[2]
    assert "Traceback" not in done.stderr
