"""`python -m ops reconcile` against the deployed service, in both consistency modes."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.orders import contract
from functions.orders.clock import timestamp
from ops import cli, synthetic
from ops.client.api import new_id
from tests.acceptance.service import REGIONS, Pair, Service

pytestmark = pytest.mark.twin
LONG_AGO = timedelta(hours=1)


def put(service: Service, table: str, item: Mapping[str, Any], region: str = REGIONS[0]) -> None:
    where = service.regions[region]
    where.dynamodb.put_item(TableName=where.stack.table_names[table], Item=item)


def sell(service: Service, pair: Pair, order: str, *, ago: timedelta = LONG_AGO) -> None:
    """Only the mark on the product, as of a create that stopped half-way."""
    mark = {
        contract.PRODUCT_ID: pair.product,
        contract.PRODUCT_STATUS: contract.SOLD,
        contract.ORDER_ID: order,
        contract.CUSTOMER_ID: pair.customer,
        contract.SOLD_AT: timestamp(datetime.now(UTC) - ago),
        contract.SOLD_IN: REGIONS[1],
    }
    put(service, contract.PRODUCTS, {name: {"S": value} for name, value in mark.items()})


def order(service: Service, pair: Pair, identity: str, region: str = REGIONS[0]) -> None:
    """Only the order, without its product."""
    texts = {
        contract.ORDER_ID: identity,
        contract.PRODUCT_ID: pair.product,
        contract.CUSTOMER_ID: pair.customer,
        contract.ORDER_STATUS: contract.CONFIRMED,
        contract.CREATED_AT: timestamp(datetime.now(UTC) - LONG_AGO),
        contract.REGION: region,
    }
    item = {name: {"S": value} for name, value in texts.items()}
    put(service, contract.ORDERS, {**item, contract.ORDER_TOTAL: {"N": "100"}}, region)


class Reconcile:
    """The command, for the given products only: other tests leave products that were sold twice."""

    def __init__(
        self, capture: pytest.CaptureFixture[str], trail: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._capture = capture
        self._monkeypatch = monkeypatch
        self.trail = trail

    def run(self, service: Service, pairs: Sequence[Pair], *options: str) -> tuple[int, dict[str, Any]]:
        """Exit status, and what was found by product."""
        self._monkeypatch.setenv("TWIN_HOME", str(service.twin.home))
        products = [part for pair in pairs for part in ("--product", pair.product)]
        self._capture.readouterr()
        command = ["reconcile", "--target", "twin", "--json", "--grace", "0.6", "--trail", str(self.trail)]
        code = cli.main([*command, *products, *options])
        found = json.loads(self._capture.readouterr().out)["found"]
        return code, {one["product"]: one for one in found}


@pytest.fixture
def reconcile(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Reconcile:
    return Reconcile(capsys, tmp_path / "trail.jsonl", monkeypatch)


def test_every_kind_is_found_repaired_once_and_then_gone(service: Service, reconcile: Reconcile) -> None:
    pairs = twice, lost, unsold, void = service.stock(4)
    ids = [new_id() for _ in range(6)]
    assert service.east.order(twice.wish(ids[0])).status == 201
    assert service.east.order(void.wish(ids[1])).status == 201
    order(service, twice, ids[2])
    sell(service, lost, ids[3])
    order(service, unsold, ids[4])
    put(
        service,
        contract.ORDERS,
        {contract.ORDER_ID: {"S": ids[1]}, contract.PRODUCT_ID: {"S": twice.product}}
        | {contract.ORDER_STATUS: {"S": contract.CANCELLED}},
    )
    service.settle()

    code, found = reconcile.run(service, pairs)
    assert code == 1
    assert {pair.product: found[pair.product]["repairs"] for pair in pairs} == {
        twice.product: [f"cancel the order {ids[2]}"],
        lost.product: [f"write the order {ids[3]}"],
        unsold.product: [f"mark the product as sold to {ids[4]}"],
        void.product: ["put the product back in stock"],
    }
    assert not reconcile.trail.exists(), "nothing is written unless asked"

    code, found = reconcile.run(service, pairs, "--repair", "--yes")
    assert code == 0, found
    assert all(one["repaired"] for one in found.values())
    events = [json.loads(line)["event"] for line in reconcile.trail.read_text().splitlines()]
    assert events == ["repairing", "repaired"] * 4
    service.settle()
    assert reconcile.run(service, pairs) == (0, {})
    for region in service.regions.values():
        assert region.read(lost.wish(ids[3])).status == 200
        assert region.read(twice.wish(ids[2])).json["OrderStatus"] == contract.CANCELLED
    assert service.east.order(void.wish(ids[5])).status == 201, "it can be bought again"


def test_an_order_from_before_a_restore_keeps_its_product(service: Service, reconcile: Reconcile) -> None:
    pair = service.pair()
    old, new = pair.wish(), pair.wish()
    order(service, pair, old.order)
    assert service.east.order(new).status == 201, "the restored product does not know of the old order"
    service.settle()

    since = (datetime.now(UTC) - LONG_AGO / 2).isoformat()
    code, found = reconcile.run(service, [pair], "--repair", "--yes", "--restored", since)
    assert code == 0, found
    assert [one["order"] for one in found[pair.product]["loses"]] == [new.order]
    service.settle()
    assert reconcile.run(service, [pair]) == (0, {})
    assert service.west.read(old).json["OrderStatus"] == contract.CONFIRMED
    assert service.west.read(new).json["OrderStatus"] == contract.CANCELLED


def test_a_product_in_another_programs_status_is_reported_and_left_alone(
    service: Service, reconcile: Reconcile
) -> None:
    pair, identity = service.pair(), new_id()
    order(service, pair, identity)
    item = {
        contract.PRODUCT_ID: pair.product,
        contract.PRODUCT_STATUS: "SHIPPED",
        contract.ORDER_ID: new_id(),
    }
    shipped = {name: {"S": value} for name, value in item.items()}
    put(service, contract.PRODUCTS, shipped)
    service.settle()
    code, found = reconcile.run(service, [pair], "--repair", "--yes")
    assert (code, found[pair.product]["repairs"]) == (1, [])
    assert service.east.stored(contract.PRODUCTS, pair.product) == shipped


def test_what_is_left_of_a_removed_synthetic_order_never_becomes_a_real_one(
    service: Service, reconcile: Reconcile
) -> None:
    pair, east = service.pair(), service.east
    wish = pair.wish()
    real = {contract.PRODUCT_ID: pair.product, contract.PRODUCT_STATUS: contract.IN_STOCK}
    put(service, contract.PRODUCTS, {name: {"S": value} for name, value in real.items()})
    query = {**wish.query, contract.SYNTHETIC_PARAMETER: "true"}
    assert east.call("POST", contract.ORDERS_PATH, query).status == 201

    # As `clean --synthetic` does, but for this order alone: other tests have synthetic items too.
    keys, names = [{contract.ORDER_ID: {"S": wish.order}}], east.stack.table_names
    synthetic.give_back(east.dynamodb, names[contract.PRODUCTS], synthetic.held(east.tables, keys))
    synthetic.remove(east.dynamodb, names[contract.ORDERS], keys)
    service.settle()
    assert reconcile.run(service, [pair], "--repair") == (0, {})
    assert service.west.order(pair.wish()).status == 201, "it can be bought"


def test_a_sale_just_made_and_orders_as_customers_make_them_are_no_findings(
    service: Service, reconcile: Reconcile
) -> None:
    young, good = service.stock(2)
    sell(service, young, new_id(), ago=timedelta())
    assert service.east.order(good.wish()).status == 201
    assert reconcile.run(service, [young, good], "--repair", "--yes") == (0, {})


def test_an_order_on_its_way_is_reported_and_never_written_over(
    eventual: Service, reconcile: Reconcile
) -> None:
    pair = eventual.pair()
    identity = new_id()
    eventual.twin.link(REGIONS[1], REGIONS[0], cut=True)
    sell(eventual, pair, identity)
    order(eventual, pair, identity, REGIONS[1])

    code, found = reconcile.run(eventual, [pair], "--repair", "--yes")
    assert code == 1
    assert "the regions differ" in found[pair.product]["outcome"]
    assert not reconcile.trail.exists()
    eventual.twin.link(REGIONS[1], REGIONS[0], cut=False)
    eventual.settle()
    assert reconcile.run(eventual, [pair]) == (0, {})
