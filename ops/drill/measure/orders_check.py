"""What became of the orders: missing in the survivor at the switch, lost after healing,
products sold twice.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ops.deployed.tables import StoredOrder
from ops.drill.measure.ledger import Promise


@dataclass(frozen=True, kw_only=True)
class DataLoss:
    """Acknowledged orders that no surviving region had at the switch (RPO), and the oldest one's
    age in seconds.
    """

    missing: int
    oldest_age: float
    order_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """After healing, by reading every region's table.

    `lost`: acknowledged orders that no region has. `incomplete`: those that some region lacks.
    `sold_twice`: product -> the orders that each got it. `unacknowledged`: stored though no client
    was told so.
    """

    acknowledged: int
    lost: tuple[str, ...]
    incomplete: tuple[str, ...]
    sold_twice: Mapping[str, tuple[str, ...]]
    unacknowledged: int

    @property
    def everywhere(self) -> bool:
        """Is every acknowledged order in every region?"""
        return not self.incomplete


def data_loss(acknowledged: Iterable[Promise], present: Set[str], *, at: float) -> DataLoss:
    """Orders acknowledged up to `at` that are not `present`; ages count back from `at`."""
    missing = [p for p in acknowledged if p.answered <= at and p.order_id not in present]
    return DataLoss(
        missing=len(missing),
        oldest_age=max((at - p.answered for p in missing), default=0.0),
        order_ids=tuple(p.order_id for p in missing),
    )


def aftermath(acknowledged: Sequence[Promise], stored: Mapping[str, Mapping[str, StoredOrder]]) -> Aftermath:
    """Hold what was promised against what each region stores (region -> order id -> order)."""
    ids = {p.order_id for p in acknowledged}
    held = [set(orders) for orders in stored.values()]
    anywhere = set().union(*held)
    everywhere = set.intersection(*held) if held else set()
    return Aftermath(
        acknowledged=len(ids),
        lost=tuple(sorted(ids - anywhere)),
        incomplete=tuple(sorted(ids - everywhere)),
        sold_twice=sold_twice(acknowledged, stored),
        unacknowledged=len(anywhere - ids),
    )


def sold_twice(
    acknowledged: Iterable[Promise], stored: Mapping[str, Mapping[str, StoredOrder]] | None = None
) -> dict[str, tuple[str, ...]]:
    """Products that more than one order got, by what clients were told and by what the tables say."""
    buyers: dict[str, set[str]] = {}
    for promise in acknowledged:
        buyers.setdefault(promise.product_id, set()).add(promise.order_id)
    for orders in (stored or {}).values():
        for order in orders.values():
            buyers.setdefault(order.product_id, set()).add(order.order_id)
    return {product: tuple(sorted(ids)) for product, ids in sorted(buyers.items()) if len(ids) > 1}
