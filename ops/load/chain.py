"""More orders than one execution takes: executions one after another, in several regions side by side."""

import time
from collections.abc import Callable, Iterator, Sequence

from functions.load.contract import MAX_ITEMS
from ops.load.generator import SUCCEEDED, Acknowledged, Counts, Execution, LoadGenerator

LOOK_EVERY = 2.0


def sizes(items: int) -> list[int]:
    """How many items each execution gets: all of them together, none above the limit."""
    return [min(MAX_ITEMS, items - start) for start in range(0, items, MAX_ITEMS)]


class Chain:
    """The executions of one region, the next one started when the last one has ended well."""

    def __init__(self, generator: LoadGenerator, items: int) -> None:
        self._generator = generator
        self._left = sizes(items)
        self.items = items
        self.executions: list[Execution] = []
        self.start_next()

    @property
    def region(self) -> str:
        return self._generator.region

    @property
    def succeeded(self) -> bool:
        """Whether all of it was done."""
        return self.ended and self.executions[-1].status == SUCCEEDED

    def acknowledged(self) -> list[Acknowledged]:
        """Every order that the API said it had created."""
        return [order for one in self.executions for order in self._generator.acknowledged(one.arn)]

    @property
    def ended(self) -> bool:
        return not self.executions[-1].running and not self._left

    @property
    def counts(self) -> Counts:
        return sum((execution.counts for execution in self.executions), Counts())

    def start_next(self) -> None:
        self.executions.append(self._generator.start(self._left.pop(0)))

    def look(self) -> None:
        """See how far the last execution is; start the next one where it is over."""
        before = self.executions[-1]
        if not before.running:
            return
        now = self.executions[-1] = self._generator.look(before.arn)
        if now.status == SUCCEEDED:
            if self._left:
                self.start_next()
        elif not now.running:
            self._left = []  # refused or stopped by hand: the others would be too


def follow(
    chains: Sequence[Chain],
    report: Callable[[str], None],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Until every chain has ended; `report` hears how far they are."""
    while not all(chain.ended for chain in chains):
        report(", ".join(_words(chains)) + " ...")
        pause(LOOK_EVERY)
        for chain in chains:
            chain.look()


def _words(chains: Sequence[Chain]) -> Iterator[str]:
    for chain in chains:
        counts = chain.counts
        yield f"{chain.region}: {counts.done} of {chain.items} ({counts.failed} failed)"
