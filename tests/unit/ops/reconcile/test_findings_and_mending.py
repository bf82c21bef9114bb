"""What all regions agree on is repaired, through conditional writes and with a trail."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.deployed.tables import RegionTables
from ops.reconcile.findings import DIFFER, FOR_A_PERSON, REPAIRABLE, Finding, look_again
from ops.reconcile.mend import CHANGED, Mender, Trail
from tests.fakes.dynamodb_fake import client_error
from tests.unit.ops.reconcile.items import Item, customer, order, product
from tests.unit.ops.reconcile.stored import Stored

NAMES = {"customers": "C", "products": "P", "orders": "O"}
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def findings(regions: Mapping[str, Sequence[Item]], suspects: Mapping[str, set[str]]) -> list[Finding]:
    tables = {region: RegionTables(Stored(*items), NAMES) for region, items in regions.items()}
    wanted = {name: frozenset(orders) for name, orders in suspects.items()}
    return look_again(tables, wanted, now=NOW, settle=timedelta(minutes=1))


def test_what_every_region_has_alike_is_repairable() -> None:
    items = [product("p", "a"), order("a", "p"), order("b", "p")]
    (found,) = findings({"east": items, "west": list(reversed(items))}, {"p": {"a", "b"}})
    assert (found.outcome, found.regions) == (REPAIRABLE, ("east", "west"))
    assert len(found.repairs) == 1


def test_what_arrived_meanwhile_is_no_finding() -> None:
    items = [product("p", "a"), order("a", "p")]
    assert findings({"east": items, "west": items}, {"p": {"a"}}) == []


def test_an_order_that_only_one_region_has_is_not_written_again() -> None:
    (found,) = findings(
        {"east": [product("p", "a"), order("a", "p")], "west": [product("p", "a")]}, {"p": {"a"}}
    )
    assert (found.outcome, found.regions, found.repairs) == (DIFFER, ("west",), ())


def test_the_order_that_a_product_names_now_is_read_however_late_it_came() -> None:
    items = [product("p", "new"), order("old", "p"), order("new", "p")]
    (found,) = findings({"east": items, "west": items}, {"p": {"old"}})
    assert [repair.words for repair in found.repairs] == ["cancel the order old"]


def test_an_order_that_only_one_regions_product_names_is_read_in_all() -> None:
    east = [product("p", "a"), order("a", "p"), order("b", "p")]
    west = [product("p", "b"), order("a", "p"), order("b", "p")]
    (found,) = findings({"east": east, "west": west}, {"p": set()})
    assert (found.outcome, found.orders, found.repairs) == (DIFFER, ("a", "b"), ())


def test_a_claim_that_leaked_from_a_refused_request_is_released_and_never_completed() -> None:
    items = [product("p", "taken"), order("taken", "other")]
    (found,) = findings({"east": items, "west": items}, {"p": set()})
    assert [repair.words for repair in found.repairs] == ["put the product back in stock"]


def test_a_sale_without_its_order_is_completed_where_its_customer_is_known() -> None:
    (found,) = findings({"east": [product("p", "o"), customer()]}, {"p": set()})
    assert [repair.words for repair in found.repairs] == ["write the order o"]
    (found,) = findings({"east": [product("p", "o")]}, {"p": set()})
    assert (found.outcome, found.repairs) == (FOR_A_PERSON, ())


def test_what_nobody_can_decide_is_said() -> None:
    items = [order("a", "p")]
    (found,) = findings({"east": items, "west": items}, {"p": {"a"}})
    assert found.outcome == FOR_A_PERSON


def mender(client: Stored, tmp_path: Path) -> tuple[Mender, Path]:
    file = tmp_path / "deep" / "trail.jsonl"
    return Mender(client, "east", NAMES, Trail(file, clock=lambda: NOW)), file


def finding() -> Finding:
    items = [product("p", "gone"), order("a", "p")]
    (found,) = findings({"east": items}, {"p": {"gone", "a"}})
    return found


def test_a_repair_is_written_down_before_and_after(tmp_path: Path) -> None:
    client = Stored()
    one, file = mender(client, tmp_path)
    done = one.mend(finding())
    assert done.repaired
    assert done.outcome == "done: mark the product as sold to a"
    (write,) = client.written
    assert (write["TableName"], write["Key"], write["ReturnValues"]) == (
        "P",
        {"ProductId": {"S": "p"}},
        "ALL_NEW",
    )
    before, after = map(json.loads, file.read_text().splitlines())
    assert (before["event"], before["before"]["OrderId"]) == ("repairing", {"S": "gone"})
    assert before["loses"] == after["loses"] == {"order": "gone", "customer": "c", "product": "p"}
    assert (after["event"], after["after"], after["table"], after["key"]) == (
        "repaired",
        {"now": {"S": "so"}},
        "P",
        "p",
    )


def test_nothing_newer_is_overwritten_and_the_rest_of_the_finding_is_left(tmp_path: Path) -> None:
    client = Stored(refusal=client_error("ConditionalCheckFailedException"))
    one, file = mender(client, tmp_path)
    done = one.mend(finding())
    assert (done.outcome, done.repaired) == (CHANGED, False)
    assert json.loads(file.read_text().splitlines()[-1])["event"] == "changed meanwhile"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ReplicatedWriteConflictException"])
def test_a_write_that_fails_is_a_finding_that_stays(tmp_path: Path, code: str) -> None:
    client = Stored(refusal=client_error(code))
    one, file = mender(client, tmp_path)
    done = one.mend(finding())
    assert not done.repaired
    assert done.outcome.startswith("Could not mark the product as sold to a")
    assert json.loads(file.read_text().splitlines()[-1])["event"] == "failed"


def test_an_order_is_written_at_nobodys_loss_and_cancelled_at_its_customers() -> None:
    (found,) = findings({"east": [product("p", "o"), customer()]}, {"p": set()})
    assert [repair.loses for repair in found.repairs] == [None]
    (found,) = findings(
        {"east": [product("p", "o"), order("o", "p"), order("x", "p", customer="d")]}, {"p": {"x"}}
    )
    assert [str(repair.loses) for repair in found.repairs] == ["customer d loses product p (order x)"]


def test_without_repairs_nothing_is_written(tmp_path: Path) -> None:
    one, file = mender(Stored(), tmp_path)
    (left,) = findings({"east": [order("a", "p")]}, {"p": {"a"}})
    assert one.mend(left) is left
    assert not file.exists()
