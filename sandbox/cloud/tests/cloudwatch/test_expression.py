"""Metric math gives what AWS's user guide documents.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import pytest

from cloud.cloudwatch import queries
from cloud.cloudwatch.expression import Expression
from cloud.cloudwatch.functions import MathError
from cloud.cloudwatch.series import Series, Window


def of(text: str, name: str = "") -> Series:
    """A series of values with ``-`` where there is none."""
    values = text.split()
    window = Window(0.0, 60, 5)
    points = {60.0 * number: float(value) for number, value in enumerate(values) if value != "-"}
    return Series(window, points, name)


def shown(series: Series) -> str:
    """A series as ``of`` takes it."""
    return " ".join(f"{series.points[at]:g}" if at in series.points else "-" for at in series.window.stamps)


KNOWN = {
    "a": of("30 20 0 0 -", "a"),
    "b": of("20 - 20 - -", "b"),
    "c": of("1 1 0 0 -", "c"),
    "d": of("30 - 0 0 30", "d"),
    "e": of("0 0 20 - 20", "e"),
    "errors_4xx": of("1 - 3 4 5", "errors_4xx"),
    "errors_5xx": of("10 20 - 40 50", "errors_5xx"),
    "in": of("2 4 8 - 16", "in"),
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # The guide's own examples.
        ("(a < b)", "0 0 1 0 -"),
        ("(a >= 30)", "1 0 0 0 -"),
        ("(a > 15 AND b > 15)", "1 0 0 0 -"),
        ("IF(c, d, e)", "30 0 20 - -"),
        ("IF(c, 5, e)", "5 5 20 - -"),
        ("IF(c, d, 5)", "30 0 5 5 -"),
        # Arithmetic: what is missing counts as 0, a division by zero drops the point.
        ("a + b", "50 20 20 0 -"),
        ("a / b", "1.5 - 0 - -"),
        ("100 * errors_4xx / errors_5xx", "10 0 - 10 10"),
        ("-a * 2 + 1", "-59 -39 1 1 -"),
        ("in ^ 2", "4 16 64 - 256"),
        ("(a > 25 || b > 15) * 2", "2 0 2 0 -"),
        ("IF(a > 15, a)", "30 20 - - -"),
        ("IF(a + b >= 50, 100 * a / (a + b), 0)", "60 0 0 0 -"),
        # Functions.
        ("SUM([a, b])", "50 20 20 0 -"),
        ('SUM(METRICS("errors"))', "11 20 3 44 55"),
        ("AVG([a, b])", "25 10 10 0 -"),
        ("MAX([a, b])", "30 20 20 0 -"),
        ("MIN([a, b])", "20 20 0 0 -"),
        ("SUM(100/[in, c])", "150 125 12.5 - 6.25"),
        ("a - MIN(in)", "28 18 -2 -2 -"),
        ("FILL(b, 7)", "20 7 20 7 7"),
        ("FILL(b, REPEAT)", "20 20 20 20 20"),
        ("FILL(in, LINEAR)", "2 4 8 12 16"),
        ("FILL(b, a)", "20 20 20 0 -"),
        ("RATE(in)", "- 0.0333333 0.0666667 - 0.0666667"),
        ("DIFF(in)", "- 2 4 - 8"),
        ("DIFF_TIME(in)", "- 60 60 - 120"),
        ("RUNNING_SUM(in)", "2 6 14 - 30"),
        ("in / PERIOD(in)", "0.0333333 0.0666667 0.133333 - 0.266667"),
        ("in * DATAPOINT_COUNT(in)", "8 16 32 - 64"),
        ("CEIL(in / 3) - FLOOR(in / 3)", "1 1 1 - 1"),
        ("ABS(a - 25)", "5 5 25 25 -"),
        ("TIME_SERIES(METRIC_COUNT(METRICS()))", "8 8 8 8 8"),
        ("MINUTE(a)", "0 1 2 3 4"),
        ("FIRST(SORT([a, in], MAX, DESC))", "30 20 0 0 -"),
        ("LAST(SLICE([a, b, in], 1))", "2 4 8 - 16"),
    ],
)
def test_expressions(source: str, expected: str) -> None:
    found = Expression(source).evaluate(Window(0.0, 60, 5), KNOWN)
    assert isinstance(found, Series)
    assert shown(found) == expected


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a +", "Error in expression: a +"),
        ("sum(a)", "Error in expression"),
        ("SOMETHING(a)", "Error in expression"),
        ("a.b", "Error in expression"),
        ("None", "Error in expression"),
        ("1 < a < 3", "Error in expression"),
        ("AVG(a)", "is a number"),
        ("unknown + a", "Unrecognized metric id: unknown"),
        ("IF([a, b], 1)", "IF takes single time series"),
        ("ANOMALY_DETECTION_BAND(a)", "ANOMALY_DETECTION_BAND is a function of AWS that this sandbox lacks"),
    ],
)
def test_what_is_no_expression_is_said_to_be_none(source: str, words: str) -> None:
    with pytest.raises(MathError, match=None) as refused:
        Expression(source).evaluate(Window(0.0, 60, 5), KNOWN)
    assert words in str(refused.value)


def test_expressions_name_each_other_in_any_order() -> None:
    found = queries.evaluate(
        [{"Id": "two", "Expression": "one * 2"}, {"Id": "one", "Expression": "TIME_SERIES(4)"}], Window(0.0, 60, 2)
    )
    assert isinstance(found["two"], Series)
    assert list(found["two"].points.values()) == [8.0, 8.0]
    circle = [{"Id": "one", "Expression": "two"}, {"Id": "two", "Expression": "one"}]
    with pytest.raises(MathError, match="Circular"):
        queries.evaluate(circle, Window(0.0, 60, 2))
