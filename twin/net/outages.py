"""Which regions and ARC endpoints are up, and who is told when that changes."""

from collections.abc import Awaitable, Callable

RegionCallback = Callable[[str], Awaitable[None]]
EndpointCallback = Callable[[int], Awaitable[None]]


class Outages:
    """State of the regions and of the five ARC cluster endpoints; all up at first.

    Callbacks are awaited in the order they were registered: those of the listeners are first, so that no
    connection is open any more when others hear of it.
    """

    def __init__(self, regions: tuple[str, ...], arc_endpoints: int = 5) -> None:
        self.regions = regions
        self._down: set[str] = set()
        self._endpoints_down: set[int] = set()
        self._endpoints = range(1, arc_endpoints + 1)
        self._on_down: list[RegionCallback] = []
        self._on_up: list[RegionCallback] = []
        self._on_endpoint_down: list[EndpointCallback] = []
        self._on_endpoint_up: list[EndpointCallback] = []

    def is_up(self, region: str) -> bool:
        """Whether a region is alive; nothing kills those that are not the twin's own."""
        return region not in self._down

    def endpoint_is_up(self, number: int) -> bool:
        """Whether an ARC endpoint (1 to 5) is alive."""
        return number in self._endpoints and number not in self._endpoints_down

    def endpoints_up(self) -> int:
        """How many ARC endpoints are alive (a change of routing controls needs 3)."""
        return len(self._endpoints) - len(self._endpoints_down)

    def on_region_down(self, callback: RegionCallback) -> None:
        """Await `callback(region)` after a region's listeners have closed."""
        self._on_down.append(callback)

    def on_region_up(self, callback: RegionCallback) -> None:
        """Await `callback(region)` after a region's listeners are bound again."""
        self._on_up.append(callback)

    def on_endpoint_down(self, callback: EndpointCallback) -> None:
        """Await `callback(number)` when an ARC endpoint dies."""
        self._on_endpoint_down.append(callback)

    def on_endpoint_up(self, callback: EndpointCallback) -> None:
        """Await `callback(number)` when an ARC endpoint lives again."""
        self._on_endpoint_up.append(callback)

    async def kill(self, region: str) -> bool:
        """Take a region down; False when it was down already. Raises KeyError for an unknown region."""
        self._known(region)
        if region in self._down:
            return False
        self._down.add(region)
        for callback in self._on_down:
            await callback(region)
        return True

    async def revive(self, region: str) -> bool:
        """Bring a region back; False when it was up already. Raises KeyError for an unknown region."""
        self._known(region)
        if region not in self._down:
            return False
        self._down.discard(region)
        for callback in self._on_up:
            await callback(region)
        return True

    async def kill_endpoint(self, number: int) -> bool:
        """Take one ARC endpoint down; False when it was down already. Raises KeyError for an unknown one."""
        self._known_endpoint(number)
        if number in self._endpoints_down:
            return False
        self._endpoints_down.add(number)
        for callback in self._on_endpoint_down:
            await callback(number)
        return True

    async def revive_endpoint(self, number: int) -> bool:
        """Bring one ARC endpoint back; False when it was up already. Raises KeyError for an unknown one."""
        self._known_endpoint(number)
        if number not in self._endpoints_down:
            return False
        self._endpoints_down.discard(number)
        for callback in self._on_endpoint_up:
            await callback(number)
        return True

    async def mend(self) -> list[str]:
        """Bring everything back; returns what was down, in words."""
        regions, endpoints = sorted(self._down), sorted(self._endpoints_down)
        for region in regions:
            await self.revive(region)
        for number in endpoints:
            await self.revive_endpoint(number)
        return [f"{region} down" for region in regions] + [f"ARC endpoint {n} down" for n in endpoints]

    def _known(self, region: str) -> None:
        if region not in self.regions:
            raise KeyError(region)

    def _known_endpoint(self, number: int) -> None:
        if number not in self._endpoints:
            raise KeyError(str(number))
