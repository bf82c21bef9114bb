"""An outage in the twin: a region's sockets close, its functions die, its replication stops."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.client import TwinClient

# A change older than so many times its link's p99 lag was held up.
PATIENCE = 2.0


class TwinOutage:
    """Kills and revives regions of a twin."""

    def __init__(self, twin: "TwinClient") -> None:
        self._twin = twin

    def kill(self, region: str) -> None:
        self._twin.kill(region)

    def revive(self, region: str) -> None:
        self._twin.revive(region)

    def healed(self) -> bool:
        """Has what the outage held up arrived?"""
        return caught_up(self._twin.replication())


def caught_up(replication: Mapping[str, Any]) -> bool:
    """Does no link hold a change back longer than its own lag explains?

    Under traffic some changes are always on their way.
    """
    return all(
        link["running"] and (link["oldest_pending_seconds"] or 0.0) <= PATIENCE * link["configured"]["p99"]
        for link in replication["links"]
    )
