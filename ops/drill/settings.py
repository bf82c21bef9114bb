"""What a drill is asked to do. Times are in seconds."""

from dataclasses import dataclass
from enum import StrEnum


class Scenario(StrEnum):
    """Move traffic off a healthy region, or kill the region and see."""

    EVACUATE = "evacuate"
    OUTAGE = "outage"


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
    """`duration` None: each phase ends when every client has moved. `ttl` None: what DNS answers carry;
    `pool_age` None: the DNS TTL, since a kept connection to a healthy region never moves by itself.
    """

    scenario: Scenario
    region: str
    rate: float
    switch_after: float
    reaction: float
    duration: float | None
    ttl: float | None
    pool_age: float | None
    hosts: int
    seed: int
    bounds: Bounds
