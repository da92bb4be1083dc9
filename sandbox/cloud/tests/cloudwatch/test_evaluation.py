"""Alarms change their state as the tables of AWS's user guide have it."""

import pytest

from cloud.cloudwatch.evaluation import decide

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
_STATES = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA", "=": None}


def state(points: str, needed: int | None, treatment: str, wanted: int = 3) -> str | None:
    """The state after points as the guide writes them: ``0`` not breaching, ``X`` breaching, ``-`` missing."""
    alarm = {
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "EvaluationPeriods": wanted,
        "DatapointsToAlarm": needed,
        "TreatMissingData": treatment,
    }
    stamps = [60.0 * number for number in range(len(points))]
    values = {at: 9.0 if point == "X" else 1.0 for at, point in zip(stamps, points, strict=True) if point != "-"}
    return decide(alarm, stamps, values).state


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html; the row "----X" is of the
# guide's earlier edition, and its text still says that such an alarm does not go to ALARM.
@pytest.mark.parametrize(
    ("points", "needed", "states"),
    [
        ("0-X-X", 3, "OOOO"),
        ("0----", 3, "OOOO"),
        ("-----", 3, "I=AO"),
        ("0XX-X", 3, "AAAA"),
        ("--X--", 3, "A=AO"),
        ("----X", 3, "I=AO"),
        ("X----", 3, "A=AO"),
        ("0-X-X", 2, "AAAA"),
        ("00X0X", 2, "AAAA"),
        ("0-X--", 2, "OOAO"),
        ("----0", 2, "OOAO"),
        ("---X-", 2, "A=AO"),
        ("---XX", 2, "AAAA"),
    ],
)
def test_the_tables_of_the_guide(points: str, needed: int, states: str) -> None:
    found = [state(points, needed, treatment) for treatment in TREATMENTS]
    assert found == [_STATES[each] for each in states]


def test_without_a_number_of_datapoints_all_periods_have_to_breach() -> None:
    assert state("00XXX", None, "missing") == "ALARM"
    assert state("0XX0X", None, "missing") == "OK"


@pytest.mark.parametrize(
    ("comparison", "threshold", "expected"),
    [
        ("GreaterThanThreshold", 5.0, "OK"),
        ("GreaterThanOrEqualToThreshold", 5.0, "ALARM"),
        ("LessThanThreshold", 5.0, "OK"),
        ("LessThanOrEqualToThreshold", 5.0, "ALARM"),
    ],
)
def test_comparisons_tell_equality_apart(comparison: str, threshold: float, expected: str) -> None:
    alarm = {"ComparisonOperator": comparison, "Threshold": threshold, "EvaluationPeriods": 1}
    assert decide(alarm, [0.0], {0.0: 5.0}).state == expected


# Words that AWS's notifications have.
@pytest.mark.parametrize(
    ("points", "wanted", "needed", "treatment", "reason"),
    [
        (
            "X",
            1,
            None,
            "missing",
            "Threshold Crossed: 1 datapoint [9.0 (01/01/70 00:00:00)] was greater than",
        ),
        ("0", 1, None, "missing", "Threshold Crossed: 1 datapoint [1.0 (01/01/70 00:00:00)] was not greater than the"),
        (
            "X",
            1,
            1,
            "missing",
            "1 out of the last 1 datapoints [9.0 (01/01/70 00:00:00)] was greater",
        ),
        ("X", 1, 1, "missing", "the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition)."),
        ("000", 3, 2, "missing", "(minimum 2 datapoints for ALARM -> OK transition)."),
        ("XX", 2, None, "missing", "2 datapoints [9.0 (01/01/70 00:01:00), 9.0 (01/01/70 00:00:00)] were greater than"),
        ("--", 2, None, "breaching", "no datapoints were received for 2 periods and 2 missing datapoints were treated"),
        ("-", 1, None, "notBreaching", "for 1 period and 1 missing datapoint was treated as [NonBreaching]."),
        ("-", 1, None, "missing", "Insufficient Data: 1 datapoint was unknown."),
    ],
)
def test_the_reason_is_worded_as_aws_does(
    points: str, wanted: int, needed: int | None, treatment: str, reason: str
) -> None:
    alarm = {
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "EvaluationPeriods": wanted,
        "DatapointsToAlarm": needed,
        "TreatMissingData": treatment,
    }
    stamps = [60.0 * number for number in range(len(points))]
    values = {at: 9.0 if point == "X" else 1.0 for at, point in zip(stamps, points, strict=True) if point != "-"}
    assert reason in decide(alarm, stamps, values).reason
