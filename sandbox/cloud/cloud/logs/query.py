"""The commands of Logs Insights: fields, display, filter, parse, stats, sort, limit and dedup.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html. Any other command is refused with
MalformedQueryException, as AWS refuses what it does not know.
"""

import json
import re
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cloud.logs.expressions import Expression, MalformedError, Parser, Record, number, text

Records = list[Record]
Command = Callable[[Records], Records]
DEFAULT_COLUMNS = ("@timestamp", "@message")
LIMIT = 10_000


class Moment(int):
    """A time in milliseconds, shown as a date."""

    def __str__(self) -> str:
        return datetime.fromtimestamp(self / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def discovered(message: str) -> Record:
    """The fields in a message that is JSON, the nested ones by their paths."""
    try:
        found = json.loads(message)
    except ValueError:
        return {}
    return dict(_flat("", found)) if isinstance(found, dict) else {}


def _flat(prefix: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [found for key, each in pairs for found in _flat(f"{prefix}.{key}" if prefix else str(key), each)]
    return [(prefix, value)]


class Query:
    """A query, ready to run; MalformedError when it is not understood."""

    def __init__(self, source: str) -> None:
        self.columns: list[str] = []
        self.limit = LIMIT
        self.aggregated = False
        self._commands = [self._command(stage) for stage in _stages(source)]

    def run(self, records: Records) -> tuple[list[dict[str, str]], int]:
        """The rows of the result, and how many records matched before they were counted together."""
        matched = len(records)
        for command, filters in self._commands:
            records = command(records)
            matched = len(records) if filters else matched
        columns = self.columns or list(DEFAULT_COLUMNS)
        if not self.aggregated:
            columns = [*columns, *(["@ptr"] if "@ptr" not in columns else [])]
        rows = [{name: text(row[name]) for name in columns if row.get(name) is not None} for row in records]
        return rows[: self.limit], matched

    def _command(self, stage: str) -> tuple[Command, bool]:
        word, rest = re.match(r"(\S*)\s*(.*)", stage, re.DOTALL).groups()
        reader = getattr(self, f"_read_{word.lower()}", None)
        if reader is None:
            raise MalformedError(f"unexpected symbol found {word!r}: the command is unknown")
        parser = Parser(rest)
        command: Command = reader(parser)
        if not parser.done:
            raise parser.fail()
        # What is kept of counted groups says nothing of records.
        return command, word.lower() == "filter" and not self.aggregated

    def _named(self, parser: Parser) -> tuple[str, Expression]:
        """An expression, and the name that it is given or its own text."""
        start = parser.position
        expression = parser.condition()
        name = parser.source[start : parser.position].strip().strip("`")
        if parser.accept("as"):
            name = _name(parser)
        return name, expression

    def _list(self, parser: Parser) -> list[tuple[str, Expression]]:
        found = [self._named(parser)]
        while parser.accept(","):
            found.append(self._named(parser))
        return found

    def _read_fields(self, parser: Parser) -> Command:
        named = self._list(parser)
        self.columns += [name for name, _ in named if name not in self.columns]
        return lambda records: [record | {name: value(record) for name, value in named} for record in records]

    def _read_display(self, parser: Parser) -> Command:
        self.columns = []
        return self._read_fields(parser)

    def _read_filter(self, parser: Parser) -> Command:
        condition = parser.condition()
        return lambda records: [record for record in records if condition(record)]

    def _read_limit(self, parser: Parser) -> Command:
        count = parser.take("number")
        if count is None or not 1 <= int(float(count)) <= LIMIT:
            raise MalformedError(f"limit has to be between 1 and {LIMIT}")

        def cut(records: Records) -> Records:
            return records[: int(float(count))]

        return cut

    def _read_sort(self, parser: Parser) -> Command:
        keys = []
        while True:
            value = parser.value()
            keys.append((value, parser.accept("asc", "desc") == "desc"))
            if not parser.accept(","):
                break

        def order(records: Records) -> Records:
            for value, descending in reversed(keys):
                records = sorted(records, key=lambda record, value=value: _sortable(value(record)), reverse=descending)
            return records

        return order

    def _read_dedup(self, parser: Parser) -> Command:
        named = self._list(parser)

        def unique(records: Records) -> Records:
            first = {tuple(text(value(record)) for _, value in named): record for record in reversed(records)}
            return [record for record in records if any(record is each for each in first.values())]

        return unique

    def _read_parse(self, parser: Parser) -> Command:
        source = (lambda record: record.get("@message")) if parser.source.lstrip()[:1] in "/'\"" else parser.operand()
        pattern = parser.regex()
        if pattern is None:
            pattern = _glob(parser)
        names = list(pattern.groupindex)

        def extract(records: Records) -> Records:
            found = [(record, pattern.search(text(source(record) or ""))) for record in records]
            return [record | (match.groupdict() if match else dict.fromkeys(names)) for record, match in found]

        return extract

    def _read_stats(self, parser: Parser) -> Command:
        aggregates = [_aggregate(parser)]
        while parser.accept(","):
            aggregates.append(_aggregate(parser))
        groups = self._list(parser) if parser.accept("by") else []
        self.aggregated = True
        self.columns = [name for name, _ in (*groups, *aggregates)]

        def aggregate(records: Records) -> Records:
            found: dict[tuple[Any, ...], Records] = {}
            for record in records:
                found.setdefault(tuple(value(record) for _, value in groups), []).append(record)
            if not groups and not found:
                found[()] = []
            return [
                {name: value for (name, _), value in zip(groups, key, strict=True)}
                | {name: function(members) for name, function in aggregates}
                for key, members in found.items()
            ]

        return aggregate


def _name(parser: Parser) -> str:
    name = parser.take("name") or (parser.take("quoted") or "").strip("`")
    if not name:
        raise parser.fail()
    return name


def _sortable(value: Any) -> tuple[int, float, str]:
    if value is None:
        return (0, 0.0, "")
    as_number = float(value) if isinstance(value, Moment) else number(value)
    return (2, 0.0, text(value)) if as_number is None else (1, as_number, "")


def _glob(parser: Parser) -> re.Pattern[str]:
    """``"user=*, id=*" as user, id``."""
    literal = parser.take("string")
    if literal is None:
        raise parser.fail()
    pieces = literal[1:-1].split("*")
    parser.expect("as")
    names = [_name(parser)]
    while parser.accept(","):
        names.append(_name(parser))
    if len(names) != len(pieces) - 1:
        raise MalformedError(f"the number of names does not fit the {len(pieces) - 1} places in {literal}")
    # A star at the end takes all that is left.
    groups = [f"(?P<{name}>.*{'?' if after else ''})" for name, after in zip(names, pieces[1:], strict=True)]
    between = zip(map(re.escape, pieces), [*groups, ""], strict=True)
    return re.compile("".join(part for pair in between for part in pair), re.DOTALL)


def _numbers(records: Records, value: Expression) -> list[float]:
    return [found for record in records if (found := number(value(record))) is not None]


def _present(records: Records, value: Expression) -> list[Any]:
    return [found for record in records if (found := value(record)) is not None]


def _extreme(records: Records, value: Expression, choose: Callable[..., Any]) -> Any:
    return choose(_present(records, value), key=_sortable, default=None)


def _by_time(records: Records, value: Expression, choose: Callable[..., Any]) -> Any:
    found = [record for record in records if value(record) is not None]
    return value(choose(found, key=lambda record: record["@timestamp"])) if found else None


def _percentile(records: Records, value: Expression, percent: float) -> float | None:
    found = sorted(_numbers(records, value))
    return found[min(len(found) - 1, int(len(found) * percent / 100))] if found else None


_AGGREGATES: dict[str, Callable[..., Any]] = {
    "avg": lambda records, value: statistics.fmean(found) if (found := _numbers(records, value)) else None,
    "count": lambda records, value: float(len(_present(records, value))),
    "count_distinct": lambda records, value: float(len({text(each) for each in _present(records, value)})),
    "earliest": lambda records, value: _by_time(records, value, min),
    "latest": lambda records, value: _by_time(records, value, max),
    "max": lambda records, value: _extreme(records, value, max),
    "min": lambda records, value: _extreme(records, value, min),
    "pct": _percentile,
    "stddev": lambda records, value: statistics.pstdev(found) if (found := _numbers(records, value)) else None,
    "sum": lambda records, value: sum(_numbers(records, value)),
}


def _aggregate(parser: Parser) -> tuple[str, Callable[[Records], Any]]:
    start = parser.position
    word = (parser.take("name") or "").lower()
    if word not in _AGGREGATES:
        raise MalformedError(f"unexpected symbol found {word!r}: stats takes {', '.join(_AGGREGATES)}")
    parser.expect("(")
    value: Expression = lambda record: record  # noqa: E731
    if not (word == "count" and (parser.accept("*") or parser.source[parser.position :].lstrip().startswith(")"))):
        value = parser.condition()
    more = []
    if word == "pct":
        parser.expect(",")
        more.append(float(parser.take("number") or "nan"))
    parser.expect(")")
    name = parser.source[start : parser.position].strip()
    if parser.accept("as"):
        name = _name(parser)
    function = _AGGREGATES[word]
    return name, lambda records: function(records, value, *more)


def _stages(source: str) -> list[str]:
    """The commands between the pipes; those in quotes and regular expressions separate nothing."""
    lines = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("#"))
    parts = re.findall(r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(?<=[\s(])/(?:\\.|[^/\\\n])+/|[^|])+""", lines)
    found = [part.strip() for part in parts if part.strip()]
    if not found:
        raise MalformedError("the query is empty")
    return found
