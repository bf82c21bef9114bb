"""What the drill's orders buy: a customer and a product of its own for each, made by the API's own fill."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.errors import CallError

# Items of one kind asked for in one call: the function has 5 s for all of them.
FILL_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who buys what."""

    customer_id: str
    product_id: str


class Supply:
    """Pairs to use once each; `take` gives None when they are used up."""

    def __init__(self, pairs: Iterable[Wanted]) -> None:
        self._pairs: Iterator[Wanted] = iter(pairs)
        self._lock = threading.Lock()
        self.exhausted = False

    def take(self) -> Wanted | None:
        with self._lock:
            pair = next(self._pairs, None)
            self.exhausted = self.exhausted or pair is None
            return pair


def fill_pairs(
    number: int, fill: Callable[[int], Mapping[str, Any]], *, report: Callable[[int], None] = lambda _: None
) -> list[Wanted]:
    """`number` customers and as many products, by calls of `fill(count)` that return the API's answer.

    `report` hears how many there are so far. CallError when an answer holds fewer than asked for.
    """
    pairs: list[Wanted] = []
    while len(pairs) < number:
        asked = min(FILL_BATCH, number - len(pairs))
        answer = fill(asked)
        customers, products = _ids(answer, "customers"), _ids(answer, "products")
        if len(customers) < asked or len(products) < asked:
            raise CallError(
                f"fill made {len(customers)} customers and {len(products)} products instead of {asked} each. "
                "DynamoDB may be throttling: try again, or ask for a lower --rate."
            )
        pairs += [Wanted(customer_id=c, product_id=p) for c, p in zip(customers, products, strict=True)]
        report(len(pairs))
    return pairs


def _ids(answer: Mapping[str, Any], key: str) -> Sequence[str]:
    return [str(value) for value in answer.get(key, [])]
