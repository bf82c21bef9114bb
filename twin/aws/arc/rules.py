"""Safety rules of ARC routing controls: what they are and when they hold.

Words from AWS's API reference of recovery control configuration (RuleConfig, AssertionRule, GatingRule): a
rule counts how many of its controls are On. ATLEAST needs `threshold` of them, AND all, OR one; `inverted`
negates the result. An assertion rule must hold for its own controls after a change of one of them; a gating
rule must hold for its gating controls before one of its target controls may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

RuleType = Literal["ATLEAST", "AND", "OR"]
RuleKind = Literal["ASSERTION", "GATING"]


@dataclass(frozen=True, kw_only=True)
class RuleConfig:
    """How many controls must be On."""

    type: RuleType
    threshold: int
    inverted: bool = False

    def holds(self, states: list[bool]) -> bool:
        """Whether the rule is met by these states of its controls."""
        needed = {"ATLEAST": self.threshold, "AND": len(states), "OR": 1}[self.type]
        return (sum(states) >= needed) is not self.inverted


@dataclass(frozen=True, kw_only=True)
class SafetyRule:
    """One rule of a control panel.

    `counted` are the ARNs whose states decide (asserted or gating controls), `guarded` those whose change the
    rule watches (the same for an assertion rule, the target controls for a gating rule).
    """

    arn: str
    panel_arn: str
    name: str
    kind: RuleKind
    config: RuleConfig
    counted: tuple[str, ...]
    guarded: tuple[str, ...]
    wait_period_ms: int
    created_at: float

    def watches(self, changes: Mapping[str, bool]) -> bool:
        """Whether a request names a control that this rule guards."""
        return any(arn in changes for arn in self.guarded)

    def refusal(self, before: Mapping[str, bool], changes: Mapping[str, bool]) -> str | None:
        """Why the rule refuses a change, None when it allows it."""
        after = {**before, **changes} if self.kind == "ASSERTION" else before
        if self.config.holds([after[arn] for arn in self.counted]):
            return None
        if self.kind == "ASSERTION":
            return f"the change would break assertion rule {self.name} ({self.words()})"
        return f"gating rule {self.name} does not let its target controls change now ({self.words()})"

    def words(self) -> str:
        """What it wants of its controls."""
        counted = len(self.counted)
        needed = {"ATLEAST": self.config.threshold, "AND": counted, "OR": 1}[self.config.type]
        wanted = f"at least {needed} of {counted} On"
        return f"not {wanted}" if self.config.inverted else wanted
