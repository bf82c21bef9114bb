"""What is wrong with a product and its orders, and what would mend it. Decided from the items alone.

The product decides: it names the one order that has it. So a claim that became an order stays, whatever other
order says that it bought the product too; and a claim without an order is completed, as the API itself does
when it meets one, unless an order is there that has the product, or the create may still be under way, or the
customer is gone, as that of a removed synthetic order is.

A restored table does not know what was sold between the time that it was restored to and the time that it
took over. So an order from before it took over has its product, whatever the product says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from functions.orders import contract
from functions.orders.claim import Claim, claim_on
from ops.reconcile.repairs import Item, Repair, cancel, complete, release, sell
from ops.reconcile.suspects import text


class Kind(StrEnum):
    ANOTHER_ORDER = "the product names another order"
    NOT_SOLD = "ordered, but the product is not sold"
    NO_PRODUCT = "ordered, but there is no such product"
    NO_ORDER = "sold, but there is no such order"
    OTHER_PRODUCT = "sold to an order for another product"
    TO_NOBODY = "sold, but to no order"
    OTHER_CUSTOMER = "the order is for another customer than the product was sold to"
    OTHER_STATUS = "in a status that this program does not write"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One product in one region with every order that is involved, and the customer whom the product names.

    None and absent: not there.
    """

    product_id: str
    product: Item | None
    orders: Mapping[str, Item]
    customer: Item | None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is wrong; without `repairs` it is for a person to decide."""

    kind: Kind
    orders: tuple[str, ...]
    repairs: tuple[Repair, ...]


def judge(
    case: Case, *, now: datetime, settle: timedelta, restored: datetime | None = None
) -> Judgement | None:
    """None where all is well, or where a create may be under way: a claim younger than `settle`.

    `restored` is when a restored table took over, if one did.
    """
    live = {order: item for order, item in case.orders.items() if _has(item, case.product_id)}
    if case.product is None:
        return _verdict(Kind.NO_PRODUCT, live) if live else None
    status = text(case.product, contract.PRODUCT_STATUS)
    if status not in (contract.IN_STOCK, contract.SOLD):
        return _verdict(Kind.OTHER_STATUS, live)
    claim = claim_on(case.product)
    if claim is not None and claim.order_id not in case.orders and _is_young(claim, now, settle):
        return None
    if live:
        return _ordered(case.product, claim, live, restored)
    return _sold(case, case.product, claim) if status == contract.SOLD else None


def _ordered(
    product: Item, claim: Claim | None, live: Mapping[str, Item], restored: datetime | None
) -> Judgement | None:
    """There are orders for the product: one has it, the others cannot."""
    if claim is not None and _names_another_customer(claim, live):
        return _verdict(Kind.OTHER_CUSTOMER, live)
    owner = _owner(claim, live, restored)
    claimed = claim is not None and claim.order_id == owner
    repairs = [] if claimed else [sell(product, live[owner])]
    repairs += [cancel(item) for order, item in sorted(live.items()) if order != owner]
    if not repairs:
        return None
    return Judgement(kind=_kind(product, claim), orders=tuple(sorted(live)), repairs=tuple(repairs))


def _owner(claim: Claim | None, live: Mapping[str, Item], restored: datetime | None) -> str:
    """The order that has the product: the one that it names, else the oldest."""
    first = {order: item for order, item in live.items() if _is_older(item, restored)} or live
    if claim is not None and claim.order_id in first:
        return claim.order_id
    return min(first, key=lambda order: _age_key(first[order]))


def _sold(case: Case, product: Item, claim: Claim | None) -> Judgement | None:
    """The product is sold, and no order for it is valid."""
    if claim is None:
        return _verdict(Kind.TO_NOBODY, {})
    order = case.orders.get(claim.order_id)
    if order is None:
        mended = complete(product, claim, case.customer) if case.customer is not None else None
        return Judgement(kind=Kind.NO_ORDER, orders=(claim.order_id,), repairs=(mended,) if mended else ())
    if text(order, contract.PRODUCT_ID) == case.product_id:
        # Cancelled by somebody who left the product as it is.
        return None
    return Judgement(kind=Kind.OTHER_PRODUCT, orders=(claim.order_id,), repairs=(release(product, claim),))


def _kind(product: Item, claim: Claim | None) -> Kind:
    if claim is not None:
        return Kind.ANOTHER_ORDER
    return Kind.TO_NOBODY if text(product, contract.PRODUCT_STATUS) == contract.SOLD else Kind.NOT_SOLD


def _verdict(kind: Kind, live: Mapping[str, Item]) -> Judgement:
    return Judgement(kind=kind, orders=tuple(sorted(live)), repairs=())


def _has(order: Item, product_id: str) -> bool:
    return (
        text(order, contract.PRODUCT_ID) == product_id
        and text(order, contract.ORDER_STATUS) != contract.CANCELLED
    )


def _age_key(order: Item) -> tuple[str, str]:
    return text(order, contract.CREATED_AT), text(order, contract.ORDER_ID)


def _names_another_customer(claim: Claim, live: Mapping[str, Item]) -> bool:
    """One order id was given to two customers, and one of their orders was overwritten."""
    order = live.get(claim.order_id)
    return order is not None and claim.customer_id not in (None, text(order, contract.CUSTOMER_ID))


def _is_older(order: Item, restored: datetime | None) -> bool:
    created = _time(text(order, contract.CREATED_AT))
    return restored is not None and created is not None and created < restored


def _is_young(claim: Claim, now: datetime, settle: timedelta) -> bool:
    sold_at = _time(claim.sold_at)
    return sold_at is not None and now - sold_at < settle


def _time(written: str | None) -> datetime | None:
    """None where another program wrote something that does not say when."""
    try:
        time = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return time if time.tzinfo is not None else None
