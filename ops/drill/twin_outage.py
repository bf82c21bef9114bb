"""An outage in the twin: a region's sockets close, its functions die, its replication stops."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.client import TwinClient


class TwinOutage:
    """Kills and revives regions of a twin."""

    def __init__(self, twin: "TwinClient") -> None:
        self._twin = twin

    def kill(self, region: str) -> None:
        self._twin.kill(region)

    def revive(self, region: str) -> None:
        self._twin.revive(region)

    def healed(self) -> bool:
        """Nothing is waiting on any link."""
        return pending(self._twin.replication()) == 0


def pending(replication: Mapping[str, Any]) -> int:
    """Changes that wait on links, of the twin's replication report."""
    return sum(int(link.get("pending", 0)) for link in replication.get("links", []))
