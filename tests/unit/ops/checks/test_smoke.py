"""The smoke test's checks, against an API in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from blueprint.order_service import CANARY_ORDER
from ops.checks.smoke import CANARY_ORDER_AGAIN, Smoke, refused_to_make, table
from ops.client import api
from ops.client.calls import OrdersApi, Signature
from ops.net.transport import HttpAnswer


@dataclass
class FakeApi:
    """One region's API on tables that all regions share after `lag` looks."""

    region: str
    orders: dict[str, int]
    lag: int = 0
    fills: bool = True
    accepts_anything: bool = False
    answers_as: str | None = None
    made: int = field(default=0)

    def send(self, call: api.OrderCall, *, signature: Signature = Signature.GOOD) -> HttpAnswer:
        if signature is not Signature.GOOD and not self.accepts_anything:
            return self._answer(403)
        if call.path == "/health":
            return self._answer(200)
        if call.path == "/fill":
            return self._fill()
        order = call.query["orderId"]
        if call.method == "POST":
            known = order in self.orders
            self.orders.setdefault(order, 0)
            return self._answer(200 if known else 201)
        self.orders[order] += 1
        return self._answer(200 if self.orders[order] > self.lag else 404)

    def _fill(self) -> HttpAnswer:
        self.made += 1
        made = {"customers": [f"c{self.made}"], "products": [f"p{self.made}"]}
        return self._answer(200 if self.fills else 403, made if self.fills else {"detail": "no such route"})

    def _answer(self, status: int, body: Any = None) -> HttpAnswer:
        region = self.answers_as or self.region
        return HttpAnswer(
            status=status, headers={"x-orders-region": region}, body=json.dumps(body or {}).encode()
        )


def smoke(*apis: FakeApi, without_fill: Sequence[str] = (), read_only: bool = False) -> Smoke:
    regions = {one.region: cast(OrdersApi, one) for one in apis}
    time = iter(float(n) for n in range(100_000))
    return Smoke(
        regions,
        report=lambda _: None,
        without_fill=without_fill,
        read_only=read_only,
        clock=lambda: next(time) / 100,
        pause=lambda _: None,
    )


def failures(one: Smoke) -> list[str]:
    return [r.name for r in one.results if not r.ok]


def test_a_region_that_works_passes_every_check() -> None:
    orders: dict[str, int] = {}
    one = smoke(FakeApi("east", orders, lag=3), FakeApi("west", orders, lag=3))
    one.region("east")
    assert failures(one) == []
    names = [r.name for r in one.results]
    assert names[-2:] == ["signature forged: refused", "signature none: refused"]
    assert "read it in west" in names


def test_a_region_that_accepts_a_forged_signature_fails() -> None:
    one = smoke(FakeApi("east", {}, accepts_anything=True))
    one.region("east")
    assert failures(one) == ["signature forged: refused", "signature none: refused"]


def test_an_answer_from_another_region_fails() -> None:
    one = smoke(FakeApi("east", {}, answers_as="west"))
    one.region("east")
    assert "health" in failures(one)
    assert "answered by west instead of east" in table(one.results)


def test_data_that_never_arrives_fails_in_that_region_only() -> None:
    orders: dict[str, int] = {}
    one = smoke(FakeApi("east", orders), FakeApi("west", orders, lag=10**9))
    one.region("east")
    assert failures(one) == ["read it in west"]


def test_without_fill_the_rest_is_not_tried_and_the_problem_is_shown() -> None:
    one = smoke(FakeApi("east", {}, fills=False))
    one.region("east")
    assert failures(one) == ["make a customer and a product"]
    assert "403 instead of 200: no such route" in table(one.results)
    assert refused_to_make(one.results)


def test_the_shared_name_is_checked_by_create_and_read() -> None:
    east = FakeApi("east", {})
    one = smoke(east)
    one.shared_name(cast(OrdersApi, east))
    assert failures(one) == []
    assert [r.place for r in one.results] == ["east", "domain", "domain"]


def test_the_shared_name_gets_its_pair_where_one_could_be_made() -> None:
    orders: dict[str, int] = {}
    east, west = FakeApi("east", orders, fills=False), FakeApi("west", orders)
    one = smoke(east, west)
    one.region("east")
    one.region("west")
    one.shared_name(cast(OrdersApi, west))
    assert failures(one) == ["make a customer and a product"]
    assert (east.made, west.made) == (1, 2)


def test_a_region_without_fill_is_tried_with_the_canaries_order() -> None:
    orders = {CANARY_ORDER: 0}
    east, west = FakeApi("east", orders, fills=False), FakeApi("west", orders, fills=False)
    one = smoke(east, west, without_fill=("east", "west"))
    one.region("east")
    one.shared_name(cast(OrdersApi, west))
    assert failures(one) == []
    assert [r.name for r in one.results if r.place == "domain"] == [CANARY_ORDER_AGAIN, "read it"]
    assert (set(orders), east.made) == ({CANARY_ORDER}, 0)


def test_a_region_without_fill_that_lacks_the_canaries_order_fails() -> None:
    one = smoke(FakeApi("east", {}, fills=False), without_fill=("east",))
    one.region("east")
    assert failures(one) == [CANARY_ORDER_AGAIN]
    assert "201 instead of 200" in table(one.results)


def test_a_read_only_test_makes_nothing_and_reads_the_canaries_order_everywhere() -> None:
    orders = {CANARY_ORDER: 0}
    east, west = FakeApi("east", orders), FakeApi("west", orders)
    one = smoke(east, west, read_only=True)
    one.region("east")
    one.shared_name(cast(OrdersApi, west))
    assert failures(one) == []
    assert [f"{r.place}: {r.name}" for r in one.results] == [
        "east: health",
        "east: read it",
        "east: read it in west",
        "east: signature forged: refused",
        "east: signature none: refused",
        "domain: read it",
    ]
    assert (orders, east.made, west.made) == ({CANARY_ORDER: 3}, 0, 0)


def test_a_read_only_test_fails_where_the_canaries_order_does_not_arrive() -> None:
    one = smoke(FakeApi("east", {CANARY_ORDER: 0}, lag=10**9), read_only=True)
    one.region("east")
    assert failures(one) == ["read it"]
    assert not refused_to_make(one.results)
