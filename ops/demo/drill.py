"""What a demonstration asks of the drill."""

from dataclasses import replace

from ops.drill.settings import Bounds, DrillSettings, Scenario

# DNS TTL and connections' greatest age are 10 s: fresh clients then need at most the TTL and what Route 53
# takes to see the switch, pooled ones one connection's age more. In seconds from the switch.
MAX_RTO_FRESH = 15.0
MAX_RTO_POOLED = 25.0


def demo_drill(
    region: str,
    *,
    scenario: Scenario,
    rate: float,
    reaction: float = DrillSettings.reaction,
    seed: int | None = None,
) -> DrillSettings:
    """The drill and its bounds; in an outage the clock starts at the kill, so `reaction` comes on top."""
    before_switch = reaction if scenario.breaks else 0.0
    settings = DrillSettings(
        region=region,
        scenario=scenario,
        rate=rate,
        switch_after=5.0,
        reaction=reaction,
        pool_age=10.0,
        bounds=Bounds(
            max_rto_fresh=MAX_RTO_FRESH + before_switch,
            max_rto_pooled=MAX_RTO_POOLED + before_switch,
            max_lost=0,
            max_sold_twice=0,
            max_lag_deviation=0.2,
        ),
    )
    return settings if seed is None else replace(settings, seed=seed)
