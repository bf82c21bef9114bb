"""What PutMetricAlarm refuses (CloudWatch API Reference), and what the twin lacks of it. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from twin.aws.cloudwatch.alarm_rules import COMPARISONS, MISSING_DATA, AlarmRule

_STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE: Final = re.compile(r"^p(\d{1,2}(\.\d+)?|100)$")
_SHORT_PERIODS: Final = (10, 20, 30)
_DAY, _WEEK, _HOUR = 86_400, 604_800, 3_600
_ACTIONS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")
_LACKING: Final = (
    *("Metrics", "ThresholdMetricId", "EvaluationWindow", "WarmUpConfiguration", "EvaluationCriteria"),
    "EvaluationInterval",
)
_BANDS: Final = (
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)


def lacking(request: Mapping[str, Any]) -> str | None:
    """What is asked that the twin cannot do, in words; None when there is nothing."""
    named = [member for member in _LACKING if request.get(member)]
    if named:
        return named[0]
    if request.get("ComparisonOperator") in _BANDS:
        return f"ComparisonOperator {request['ComparisonOperator']} (anomaly detection)"
    if request.get("EvaluateLowSampleCountPercentile") == "ignore":
        return "EvaluateLowSampleCountPercentile ignore"
    return None


def problem(request: Mapping[str, Any], *, region: str) -> str | None:
    """AWS's refusal of a request; None for a good one."""
    return next(_problems(request, region), None)


def rule_of(alarm: Mapping[str, Any]) -> AlarmRule:
    """The rule of a stored alarm."""
    missing = alarm.get("TreatMissingData") or "missing"
    if alarm.get("Namespace") == "AWS/DynamoDB" and missing == "missing":
        missing = "ignore"  # CloudWatch's default in this namespace (User Guide, missing data)
    periods = int(alarm["EvaluationPeriods"])
    return AlarmRule(
        periods=periods,
        breaching_periods=int(alarm.get("DatapointsToAlarm") or periods),
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        missing=missing,
    )


def _problems(request: Mapping[str, Any], region: str) -> Iterator[str]:
    for member in ("AlarmName", "MetricName", "Namespace", "ComparisonOperator", "EvaluationPeriods"):
        if not request.get(member):
            yield f"The parameter {member} is required."
    if request.get("Threshold") in (None, ""):
        yield "The parameter Threshold is required."
    if request["ComparisonOperator"] not in COMPARISONS:
        yield _enumeration("comparisonOperator", request["ComparisonOperator"], COMPARISONS)
    yield from _statistic(request)
    yield from _periods(request)
    treatment = request.get("TreatMissingData") or "missing"
    if treatment not in MISSING_DATA:
        yield f"Unsupported option for TreatMissingData: {treatment}. Use one of {', '.join(MISSING_DATA)}."
    for action in (action for member in _ACTIONS for action in request.get(member) or []):
        yield from _action(str(action), region)


def _statistic(request: Mapping[str, Any]) -> Iterator[str]:
    plain, extended = request.get("Statistic"), request.get("ExtendedStatistic")
    if bool(plain) == bool(extended):
        yield "Exactly one of the parameters Statistic and ExtendedStatistic must be given."
    if plain and plain not in _STATISTICS:
        yield _enumeration("statistic", plain, _STATISTICS)
    if extended and not _PERCENTILE.match(str(extended)):
        yield f"The value {extended} for parameter ExtendedStatistic is not supported."


def _periods(request: Mapping[str, Any]) -> Iterator[str]:
    period, count = int(request.get("Period") or 0), int(request["EvaluationPeriods"])
    if period < 1 or not (period in _SHORT_PERIODS or period % 60 == 0):
        yield "The parameter Period must be 10, 20, 30 or a multiple of 60."
    if count < 1:
        yield "The parameter EvaluationPeriods must be greater than or equal to 1."
    if period * count > (_DAY if period < _HOUR else _WEEK):
        yield "Metrics cannot be checked across more than a day (EvaluationPeriods * Period <= 86400)."
    datapoints = request.get("DatapointsToAlarm")
    if datapoints not in (None, "") and not 1 <= int(datapoints) <= count:
        yield "The parameter DatapointsToAlarm must be between 1 and EvaluationPeriods."


def _action(arn: str, region: str) -> Iterator[str]:
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        yield f"Invalid arn syntax: {arn}"
    elif parts[2] == "sns" and parts[3] != region:
        yield f"Invalid region {parts[3]} specified. Only {region} is supported."


def _enumeration(member: str, value: str, known: Any) -> str:
    return (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(known)}]"
    )
