"""Both regions sell one product at the same moment, and the drill's own count of what that did."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ops.drill.measure.ledger import Entry, promises
from ops.drill.measure.orders_check import aftermath, sold_twice
from tests.acceptance.service import REGIONS, Pair, Service, note, stored_orders
from tests.links import links_cut

pytestmark = pytest.mark.twin
PRODUCTS = 8


def both_regions_buy(service: Service, pairs: list[Pair]) -> list[Entry]:
    """For each product one buyer in each region, both sent off at once."""

    def buy(region: str, pair: Pair, barrier: Barrier) -> Entry:
        wish = pair.wish()
        barrier.wait(timeout=30)
        sent = time.monotonic()
        answer = service.regions[region].order(wish)
        return note(answer, wish, sent=sent, answered=time.monotonic())

    ledger = []
    with ThreadPoolExecutor(len(REGIONS)) as buyers:
        for pair in pairs:
            barrier = Barrier(len(REGIONS))
            sales = [buyers.submit(buy, region, pair, barrier) for region in REGIONS]
            ledger += [sale.result() for sale in sales]
    return ledger


def test_within_the_lag_both_regions_sell_a_product_and_the_drill_counts_it(eventual: Service) -> None:
    pairs = eventual.stock(PRODUCTS)
    with links_cut(eventual.twin, REGIONS):
        ledger = both_regions_buy(eventual, pairs)
    eventual.settle()

    assert Counter(entry.status for entry in ledger) == {201: 2 * PRODUCTS}
    assert Counter(entry.region for entry in ledger) == dict.fromkeys(REGIONS, PRODUCTS)
    found = aftermath(promises(ledger), stored_orders(eventual, [entry.order_id for entry in ledger]))
    assert found.sold_twice.keys() == {pair.product for pair in pairs}
    assert {len(orders) for orders in found.sold_twice.values()} == {2}
    assert (found.lost, found.incomplete) == ((), ())
    for pair in pairs:
        east, west = (region.stored("products", pair.product) for region in eventual.regions.values())
        assert east == west, "after the last writer won, both regions name the same order"


def test_with_strong_consistency_exactly_one_region_sells_a_product(strong: Service) -> None:
    pairs = strong.stock(PRODUCTS)
    ledger = both_regions_buy(strong, pairs)

    answers = {
        pair.product: sorted(e.status or 0 for e in ledger if e.product_id == pair.product) for pair in pairs
    }
    assert answers == {pair.product: [201, 409] for pair in pairs}
    told = promises(ledger)
    stored = stored_orders(strong, [entry.order_id for entry in ledger])
    assert sold_twice(told, stored) == {}
    for orders in stored.values():
        assert orders.keys() == {promise.order_id for promise in told}, "in every region at once"
