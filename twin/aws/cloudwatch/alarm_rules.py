"""When a metric alarm goes off: CloudWatch's rules for M of N periods and for periods without data.

Pure. From the CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing
data": an alarm looks back further than its own periods, so that newer gaps do not hide older data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

OK: Final = "OK"
ALARM: Final = "ALARM"
INSUFFICIENT_DATA: Final = "INSUFFICIENT_DATA"

# How many periods beyond its own an alarm looks back: AWS's examples show 5 for 3, and promise no number.
EXTRA_PERIODS: Final = 2

COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
MISSING_DATA: Final = ("missing", "ignore", "breaching", "notBreaching")


@dataclass(frozen=True, kw_only=True)
class AlarmRule:
    periods: int
    breaching_periods: int
    comparison: str
    threshold: float
    missing: str

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.threshold)

    @property
    def looks_back(self) -> int:
        """How many periods the alarm sees."""
        return self.periods + EXTRA_PERIODS


@dataclass(frozen=True, kw_only=True)
class AlarmJudgement:
    """`state` is None where the alarm keeps the one that it has."""

    state: str | None
    reason: str


def judge(rule: AlarmRule, values: Sequence[float | None]) -> AlarmJudgement:
    """`values` are those of the periods the alarm sees, the oldest first, None where there is no data."""
    real = [value for value in values if value is not None]
    if not real:
        return _without_data(rule)
    if len(real) >= rule.periods:
        return _decided(rule, real[-rule.periods :], filled=0)
    filled = rule.periods - len(real)
    if rule.missing in ("breaching", "notBreaching"):
        return _decided(rule, real, filled=filled)
    breaching = sum(map(rule.breaches, real))
    if breaching >= rule.breaching_periods or breaching < len(real):
        return _decided(rule, real, filled=0)
    # Whatever there is breaches, but it is too little.
    oldest = next(age for age, value in enumerate(values) if value is not None)
    old_enough = len(values) - oldest >= rule.breaching_periods
    if rule.missing == "missing" and old_enough:
        return AlarmJudgement(state=ALARM, reason=_reason(rule, real, breaching))
    return AlarmJudgement(state=None, reason="")


def _without_data(rule: AlarmRule) -> AlarmJudgement:
    unseen = f"no datapoints were received for {rule.periods} periods"
    match rule.missing:
        case "ignore":
            return AlarmJudgement(state=None, reason="")
        case "missing":
            return AlarmJudgement(state=INSUFFICIENT_DATA, reason=f"Insufficient Data: {unseen}.")
    treated = "Breaching" if rule.missing == "breaching" else "NonBreaching"
    reason = f"Threshold Crossed: {unseen} and {rule.periods} missing datapoints were treated as [{treated}]."
    return AlarmJudgement(state=ALARM if rule.missing == "breaching" else OK, reason=reason)


def _decided(rule: AlarmRule, real: Sequence[float], *, filled: int) -> AlarmJudgement:
    breaching = sum(map(rule.breaches, real))
    counted = breaching + (filled if rule.missing == "breaching" else 0)
    reason = _reason(rule, real, breaching)
    if filled:
        treated = "Breaching" if rule.missing == "breaching" else "NonBreaching"
        reason += f" {filled} missing datapoints were treated as [{treated}]."
    return AlarmJudgement(state=ALARM if counted >= rule.breaching_periods else OK, reason=reason)


def _reason(rule: AlarmRule, real: Sequence[float], breaching: int) -> str:
    values = ", ".join(f"{value:g}" for value in reversed(real))
    return (
        f"Threshold Crossed: {breaching} out of the last {len(real)} datapoints [{values}] crossed the "
        f"threshold ({rule.comparison} {rule.threshold:g}); {rule.breaching_periods} of {rule.periods} "
        "make an alarm."
    )
