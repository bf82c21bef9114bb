"""Which regions carry the traffic now: those that are On and answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.deployed.answering import Answers
from ops.routing.plan import States


@dataclass(frozen=True, kw_only=True)
class Survivors:
    """The regions that carry the traffic, and why each of the others does not."""

    regions: tuple[str, ...]
    left_out: Mapping[str, str]


def survivors(answers: Answers, states: States) -> Survivors:
    """`states` are empty where the routing controls could not be read: then only silence counts.

    With every control Off, Route 53 answers as if all were On, so none is left out for being Off.
    """
    off = {region: "Off" for region, on in states.items() if not on and any(states.values())}
    left_out = off | dict.fromkeys(answers.silent, "does not answer")
    return Survivors(
        regions=tuple(region for region in answers.answering if region not in left_out), left_out=left_out
    )
