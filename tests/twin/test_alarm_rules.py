"""When an alarm changes state: the tables of CloudWatch's User Guide on missing data, row by row."""

import pytest

from twin.aws.cloudwatch.alarm_requests import lacking, problem, rule_of
from twin.aws.cloudwatch.alarm_rules import AlarmRule, judge
from twin.aws.own.query_protocol import nested

KEPT = "kept"
STATES = {"OK": "OK", "ALARM": "ALARM", "none": "INSUFFICIENT_DATA", KEPT: None}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def values(row: str) -> list[float | None]:
    """`0 - X`: a value within the threshold, none, one beyond it; the oldest first."""
    return [{"0": 0.0, "X": 9.0, "-": None}[sign] for sign in row.split()]


def rule(treatment: str, *, breaching: int, periods: int = 3) -> AlarmRule:
    return AlarmRule(
        periods=periods,
        breaching_periods=breaching,
        comparison="GreaterThanThreshold",
        threshold=5,
        missing=treatment,
    )


@pytest.mark.parametrize(
    ("row", "breaching", "expected"),
    [
        ("0 - X - X", 3, "OK OK OK OK"),
        ("- - - - 0", 3, "OK OK OK OK"),
        ("- - - - -", 3, "none kept ALARM OK"),
        ("0 X X - X", 3, "ALARM ALARM ALARM ALARM"),
        ("- - X - -", 3, "ALARM kept ALARM OK"),
        ("0 - X - X", 2, "ALARM ALARM ALARM ALARM"),
        ("0 0 X 0 X", 2, "ALARM ALARM ALARM ALARM"),
        ("0 - X - -", 2, "OK OK ALARM OK"),
        ("- - - - 0", 2, "OK OK ALARM OK"),
        ("- - - X -", 2, "ALARM kept ALARM OK"),
    ],
)
def test_missing_data_is_treated_as_cloudwatch_documents(row: str, breaching: int, expected: str) -> None:
    for treatment, state in zip(TREATMENTS, expected.split(), strict=True):
        found = judge(rule(treatment, breaching=breaching), values(row))
        assert found.state == STATES[state], (row, treatment, found)


def test_one_new_breaching_value_after_silence_is_no_alarm_yet() -> None:
    assert judge(rule("missing", breaching=3), values("- - - - X")).state is None


def test_silence_alarms_only_when_the_older_values_are_out_of_sight() -> None:
    """Why the view from inside a dead region turns red minutes after the one from outside."""
    silent = rule("breaching", breaching=2)
    seen = [judge(silent, values(row)).state for row in ("0 0 0 0 -", "0 0 0 - -", "0 0 - - -", "0 - - - -")]
    assert seen == ["OK", "OK", "OK", "ALARM"]


def test_a_value_at_the_threshold_is_not_beyond_it() -> None:
    assert judge(rule("missing", breaching=1, periods=1), [5.0]).state == "OK"


def test_dynamodbs_missing_data_is_ignored_unless_said_otherwise() -> None:
    alarm = {
        "Namespace": "AWS/DynamoDB",
        "EvaluationPeriods": 3,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    assert rule_of(alarm).missing == "ignore"
    assert rule_of({**alarm, "TreatMissingData": "notBreaching"}).missing == "notBreaching"
    assert rule_of({**alarm, "Namespace": "N"}).missing == "missing"
    assert rule_of(alarm).breaching_periods == 3


GOOD = {
    "AlarmName": "a",
    "Namespace": "N",
    "MetricName": "M",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, None),
        ({"Threshold": None}, "Threshold is required"),
        ({"MetricName": ""}, "MetricName is required"),
        ({"ComparisonOperator": "Above"}, "enum value set"),
        ({"ExtendedStatistic": "p99"}, "Exactly one of"),
        ({"Statistic": "Median"}, "enum value set"),
        ({"Statistic": None, "ExtendedStatistic": "p101"}, "p101"),
        ({"Period": 61}, "multiple of 60"),
        ({"EvaluationPeriods": 1441}, "more than a day"),
        ({"Period": 3600, "EvaluationPeriods": 100}, None),
        ({"DatapointsToAlarm": 4}, "DatapointsToAlarm"),
        ({"TreatMissingData": "bad"}, "TreatMissingData"),
        ({"AlarmActions": ["arn:aws:sns:us-west-2:111122223333:t"]}, "Only us-east-1 is supported"),
        ({"OKActions": ["topic"]}, "Invalid arn syntax"),
    ],
)
def test_an_alarm_that_aws_would_refuse_is_refused(change: dict[str, object], message: str | None) -> None:
    found = problem({**GOOD, **change}, region="us-east-1")
    assert (found is None) if message is None else (found is not None and message in found)


@pytest.mark.parametrize(
    "change",
    [
        {"Metrics": [{"Id": "m"}]},
        {"ComparisonOperator": "GreaterThanUpperThreshold"},
        {"EvaluateLowSampleCountPercentile": "ignore"},
    ],
)
def test_what_the_twin_cannot_evaluate_is_named(change: dict[str, object]) -> None:
    found = lacking({**GOOD, **change})
    assert found is not None
    assert next(iter(change)) in found
    assert lacking(GOOD) is None


def test_a_query_form_is_read_as_the_structure_it_spells_out() -> None:
    form = {
        "AlarmName": ["a"],
        "Dimensions.member.2.Name": ["y"],
        "Dimensions.member.1.Name": ["x"],
        "OKActions.member.1": ["arn"],
    }
    assert nested(form) == {
        "AlarmName": "a",
        "Dimensions": [{"Name": "x"}, {"Name": "y"}],
        "OKActions": ["arn"],
    }
