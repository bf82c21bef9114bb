"""What a drill is asked to do. Times are in seconds."""

from dataclasses import dataclass, field
from enum import StrEnum
from random import SystemRandom


class Scenario(StrEnum):
    """Move traffic off a healthy region, or kill the region and see."""

    EVACUATE = "evacuate"
    OUTAGE = "outage"

    @property
    def heading(self) -> str:
        """What the summary calls it."""
        return {Scenario.EVACUATE: "Evacuation", Scenario.OUTAGE: "Outage"}[self]

    @property
    def breaks(self) -> bool:
        """Whether the region fails before the operator switches, which only the twin can do."""
        return self is not Scenario.EVACUATE


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What the result must keep; None is no bound. RTOs hold for the switch and for the way back."""

    max_rto_fresh: float | None = None
    max_rto_pooled: float | None = None
    max_lost: int | None = None
    max_failed: int | None = None
    max_sold_twice: int | None = None
    max_lag_deviation: float | None = None


@dataclass(frozen=True, kw_only=True)
class DrillSettings:
    """`region` is the one that loses its traffic; `rate` is in requests a second, of all clients together.

    `duration` None: each phase ends when every client has moved. `ttl` None: what DNS answers carry;
    `pool_age` None: the DNS TTL, since a kept connection to a healthy region never moves by itself.
    """

    region: str
    scenario: Scenario = Scenario.EVACUATE
    rate: float = 20.0
    switch_after: float = 10.0
    reaction: float = 5.0
    duration: float | None = None
    ttl: float | None = None
    pool_age: float | None = None
    hosts: int = 2
    seed: int = field(default_factory=lambda: SystemRandom().randrange(1_000_000))
    bounds: Bounds = field(default_factory=Bounds)
