"""Routing controls by region: read the states, apply a plan in one call, wait out the safety rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Protocol

from ops.console import Console
from ops.errors import ControlsError
from ops.routing.cluster import Panel, RuleConflictError, UncertainError
from ops.routing.plan import Plan, States, in_words

# The rule waits 5 s between changes; a conflict that outlives it twice over is not about waiting.
RULE_WAIT_LIMIT = 12.0
RULE_WAIT_STEP = 0.5


class Cluster(Protocol):
    """What ClusterEndpoints offers; tests pass a fake."""

    def read(self, panel_arn: str) -> Panel: ...

    def write(self, changes: Mapping[str, bool], *, override: tuple[str, ...] = ()) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Controls:
    """What is known beforehand about the controls; all of it comes from the stacks' outputs."""

    panel_arn: str
    safety_rule_arn: str
    arns: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The panel's name and each region's state."""

    panel_name: str
    states: States


@dataclass(frozen=True, kw_only=True)
class Applied:
    """When a change was sent and accepted (seconds of the clock given), and how long the rule made it
    wait.
    """

    sent: float
    accepted: float
    waited: float


class RoutingSwitch:
    """Moves traffic between regions. `clock` and `pause` are passed in by tests."""

    def __init__(
        self,
        cluster: Cluster,
        controls: Controls,
        *,
        clock: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._cluster = cluster
        self._controls = controls
        self._clock = clock
        self._pause = pause

    def read(self) -> Reading:
        """Every region's state; ControlsError when a control of the deployment is not on the panel."""
        panel = self._cluster.read(self._controls.panel_arn)
        missing = [region for region, arn in self._controls.arns.items() if arn not in panel.states]
        if missing:
            raise ControlsError(
                f"The control panel has no routing control for {', '.join(missing)}; it has "
                f"{len(panel.states)}. Write what is known about the deployment again: python -m ops export"
            )
        states = {region: panel.states[arn] for region, arn in self._controls.arns.items()}
        return Reading(panel_name=panel.name, states=states)

    def apply(
        self, plan: Plan, *, override: bool = False, waiting: Callable[[float], None] = lambda _: None
    ) -> Applied:
        """Make the plan's changes in one call.

        `waiting` is told the seconds waited so far whenever the safety rule says no. After twice its wait
        period the refusal is final: ControlsError. Where no endpoint confirmed the change, the states are
        read again: a change that was made counts as accepted then, any other is a ControlsError that says
        what the states are, or that nobody could read them.
        """
        rules = (self._controls.safety_rule_arn,) if override else ()
        first = self._clock()
        while True:
            sent = self._clock()
            try:
                self._write(plan, rules)
                return Applied(sent=sent, accepted=self._clock(), waited=sent - first)
            except RuleConflictError as conflict:
                waited = self._clock() - first
                if waited >= RULE_WAIT_LIMIT:
                    raise ControlsError(
                        f"{conflict} Waited {waited:.0f} s for it. Nothing was changed. See the states with: "
                        "python -m ops controls list"
                    ) from conflict
                waiting(waited)
                self._pause(RULE_WAIT_STEP)

    def _write(self, plan: Plan, rules: tuple[str, ...]) -> None:
        try:
            arns = self._controls.arns
            self._cluster.write({arns[region]: on for region, on in plan.changes.items()}, override=rules)
        except UncertainError as unconfirmed:
            self._look_again(plan, unconfirmed)

    def _look_again(self, plan: Plan, unconfirmed: UncertainError) -> None:
        """Nothing where the change was made after all; else a ControlsError."""
        try:
            states = self.read().states
        except ControlsError as unreadable:
            raise ControlsError(
                f"{unconfirmed} The states could not be read again, so it is not known whether the change was"
                f" made: {unreadable} As soon as an endpoint answers: "
                "python -m ops controls list"
            ) from unconfirmed
        if any(states[region] is not on for region, on in plan.changes.items()):
            raise unconfirmed.refusal or ControlsError(
                f"{unconfirmed} The states were read again, and the change was not made: {in_words(states)}. "
                "It is safe to repeat. A request that is still under way may yet change them; look again "
                "with: python -m ops controls list"
            ) from unconfirmed


def change(switch: RoutingSwitch, plan: Plan, console: Console, *, override: bool = False) -> None:
    """Apply a plan, showing the wait for the safety rule."""
    applied = switch.apply(
        plan,
        override=override,
        waiting=lambda s: console.progress(f"The safety rule waits between changes: {s:.1f} s ..."),
    )
    console.note(f"{in_words(plan.changes)}: accepted in {applied.accepted - applied.sent:.2f} s.")
