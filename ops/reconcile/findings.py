"""Suspects looked at again in every region: what all agree on can be repaired, the rest may be on its way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.orders import contract
from functions.orders.claim import Claim, claim_on
from ops.deployed.tables import RegionTables
from ops.reconcile.judge import Case, judge
from ops.reconcile.repairs import Item, Loss, Repair
from ops.reconcile.suspects import Suspects, text, together

DIFFER = "the regions differ: replication is under way, or cut"
FOR_A_PERSON = "not repairable: decide by hand"
REPAIRABLE = "repairable"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One product that is wrong; `outcome` says what can be, or was, done about it."""

    product: str
    kind: str
    orders: tuple[str, ...]
    regions: tuple[str, ...]
    outcome: str
    repaired: bool = False
    repairs: tuple[Repair, ...] = field(default=(), repr=False)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What repairs take away; an order that loses its product and is cancelled loses it once."""
        return tuple(dict.fromkeys(repair.loses for repair in self.repairs if repair.loses is not None))

    def ended(self, outcome: str, *, repaired: bool) -> "Finding":
        return replace(self, outcome=outcome, repaired=repaired)

    def waiting_for(self, regions: Iterable[str]) -> "Finding":
        """As long as regions were not read, nobody knows whether they agree."""
        waits = f"repairable when {', '.join(regions)} has been read and agrees"
        return replace(self, outcome=waits) if self.repairs else self


def look_again(
    tables: Mapping[str, RegionTables],
    suspects: Suspects,
    *,
    now: datetime,
    settle: timedelta,
    restored: datetime | None = None,
) -> list[Finding]:
    """The suspects that are still wrong; `tables` are by region.

    Products are read first: an order that a product names now may be younger than the suspicion.
    """
    products = {region: one.items(contract.PRODUCTS, list(suspects)) for region, one in tables.items()}
    claims = [claim for items in products.values() for claim in _claims(items)]
    involved = together([suspects, *({product: frozenset({claim.order_id})} for product, claim in claims)])
    customers = {claim.customer_id for _, claim in claims if claim.customer_id}
    cases = {region: _cases(one, involved, products[region], customers) for region, one in tables.items()}
    found = []
    for product in suspects:
        by_region = {region: cases[region][product] for region in cases}
        finding = _finding(product, by_region, now=now, settle=settle, restored=restored)
        if finding is not None:
            found.append(finding)
    return found


def _claims(products: Mapping[str, Item]) -> list[tuple[str, Claim]]:
    return [(product, claim) for product, item in products.items() if (claim := claim_on(item)) is not None]


def _cases(
    tables: RegionTables, involved: Suspects, products: Mapping[str, Item], customers: Iterable[str]
) -> dict[str, Case]:
    orders = tables.items(contract.ORDERS, sorted({o for named in involved.values() for o in named}))
    known = tables.items(contract.CUSTOMERS, sorted(customers))
    return {
        product: Case(
            product_id=product,
            product=products.get(product),
            orders={order: orders[order] for order in sorted(named) if order in orders},
            customer=known.get(text(products.get(product, {}), contract.CUSTOMER_ID)),
        )
        for product, named in involved.items()
    }


def _finding(
    product: str,
    cases: Mapping[str, Case],
    *,
    now: datetime,
    settle: timedelta,
    restored: datetime | None,
) -> Finding | None:
    verdicts = {
        region: judge(case, now=now, settle=settle, restored=restored) for region, case in cases.items()
    }
    wrong = {region: verdict for region, verdict in verdicts.items() if verdict is not None}
    if not wrong:
        return None
    first = next(iter(wrong.values()))
    agreed = all(case == next(iter(cases.values())) for case in cases.values())
    outcome = (REPAIRABLE if first.repairs else FOR_A_PERSON) if agreed else DIFFER
    return Finding(
        product=product,
        kind=first.kind.value,
        orders=first.orders,
        regions=tuple(wrong),
        outcome=outcome,
        # A repair of what only one region has would overwrite what is on its way from another one.
        repairs=first.repairs if agreed else (),
    )
