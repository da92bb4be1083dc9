"""Metric math.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html. Its grammar is read as Python's,
of which it is a part once ids, the logical operators and the power are written as there.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

from cloud.cloudwatch import functions
from cloud.cloudwatch.functions import MathError, Value
from cloud.cloudwatch.series import Series, Window

_TOKEN = re.compile(r"""("[^"]*"|'[^']*')|(&&|\bAND\b)|(\|\||\bOR\b)|(\^)|\b([a-z]\w*)""")
_ARITHMETIC: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ID = "id_"


def _as_python(found: re.Match[str]) -> str:
    text, both, either, power, name = found.groups()
    if name:
        return _ID + name
    return text or (both and " and ") or (either and " or ") or (power and "**") or ""


class Expression:
    """An expression that has been read; MathError where it cannot be."""

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            self._tree = ast.parse(_TOKEN.sub(_as_python, source.strip()), mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise MathError(f"Error in expression: {source}") from error
        nodes = list(ast.walk(self._tree))
        if lacking := {node.id for node in nodes if isinstance(node, ast.Name)} & functions.LACKING:
            raise MathError(f"{min(lacking)} is a function of AWS that this sandbox lacks")
        for node in nodes:
            _check(node, source)

    @property
    def ids(self) -> set[str]:
        """The metrics and expressions that it names."""
        names = [node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)]
        return {name.removeprefix(_ID) for name in names if name.startswith(_ID)}

    def evaluate(self, window: Window, known: dict[str, Series | list[Series]]) -> Series | list[Series]:
        """Its time series, from those of the metrics and expressions by their ids."""
        found = self._value(self._tree, functions.Scope(window, known))
        if isinstance(found, int | float):
            raise MathError(f"{self.source} is a number, and has to be a time series")
        return found

    def _value(self, node: ast.AST, scope: functions.Scope) -> Value:
        if isinstance(node, ast.Constant):
            return float(node.value)
        if isinstance(node, ast.Name):
            return scope.find(node.id.removeprefix(_ID))
        if isinstance(node, ast.List):
            return _flat(self._value(each, scope) for each in node.elts)
        if isinstance(node, ast.UnaryOp):
            return functions.each(operator.neg, self._value(node.operand, scope))
        if isinstance(node, ast.BinOp):
            return functions.combined(_ARITHMETIC[type(node.op)], *self._both(node.left, node.right, scope))
        if isinstance(node, ast.Compare):
            compare = _COMPARISONS[type(node.ops[0])]
            sides = self._both(node.left, node.comparators[0], scope)
            return functions.combined(lambda left, right: float(compare(left, right)), *sides)
        if isinstance(node, ast.BoolOp):
            return self._logical(node, scope)
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        words = [_literal(each) for each in node.args]
        values = [
            self._value(each, scope) if word is None else word for each, word in zip(node.args, words, strict=True)
        ]
        return functions.call(node.func.id, scope, values)

    def _both(self, left: ast.AST, right: ast.AST, scope: functions.Scope) -> tuple[Value, Value]:
        return self._value(left, scope), self._value(right, scope)

    def _logical(self, node: ast.BoolOp, scope: functions.Scope) -> Value:
        join = all if isinstance(node.op, ast.And) else any
        found = self._value(node.values[0], scope)
        for each in node.values[1:]:
            found = functions.combined(lambda *sides: float(join(sides)), found, self._value(each, scope))
        return found


_KINDS = (
    *(ast.Name, ast.List, ast.UnaryOp, ast.BinOp, ast.Compare, ast.BoolOp, ast.Call, ast.Constant),
    *(ast.Load, ast.USub, ast.And, ast.Or, *_ARITHMETIC, *_COMPARISONS),
)


def _check(node: ast.AST, source: str) -> None:
    """Only what metric math has of Python's grammar."""
    named = isinstance(node, ast.Name) and not node.id.startswith(_ID) and node.id not in functions.WORDS
    chained = isinstance(node, ast.Compare) and len(node.ops) > 1
    strange = isinstance(node, ast.Constant) and (isinstance(node.value, bool) or node.value is None)
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions.WORDS
    wrong_call = isinstance(node, ast.Call) and (not called or bool(node.keywords))
    if not isinstance(node, _KINDS) or named or chained or strange or wrong_call:
        raise MathError(f"Error in expression: {source}")


def _literal(node: ast.AST) -> str | None:
    """A word such as REPEAT, or a text."""
    if isinstance(node, ast.Name) and not node.id.startswith(_ID):
        return node.id
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _flat(values: Iterable[Value]) -> list[Series]:
    found: list[Series] = []
    for value in values:
        if isinstance(value, int | float):
            raise MathError("an array has time series only")
        found += value if isinstance(value, list) else [value]
    return found
