"""`clean --synthetic` from the command line: in which order it writes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ops import cli
from ops.deployed import options
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both
from tests.unit.ops.reconcile.items import order, product
from tests.unit.ops.reconcile.stored import Stored

SOLD_TO_A_TEST = [product("real", "s"), order("s", "real") | {"Synthetic": {"BOOL": True}}]


class Tables(Stored):
    """Finds what is synthetic, and remembers deletes among the other writes."""

    def paginate(self, **arguments: Any) -> list[Mapping[str, Any]]:
        (page,) = super().paginate(**arguments)
        return [{"Items": [item for item in page["Items"] if "Synthetic" in item]}]

    def batch_write_item(self, **arguments: Any) -> Mapping[str, Any]:
        self.written.append(arguments["RequestItems"])
        return {}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    made = Tables(*SOLD_TO_A_TEST)
    target = FakeTarget(deployed=both(), clients={"dynamodb": made})
    monkeypatch.setattr(options, "open_target", lambda _: target)
    return made


def test_a_real_product_is_given_back_before_the_synthetic_order_that_has_it_is_removed(
    tables: Tables, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["clean", "--synthetic", "--json"]) == 0
    given_back, removed = tables.written
    assert given_back["Key"] == {"ProductId": {"S": "real"}}
    assert list(removed) == ["O"]
    assert json.loads(capsys.readouterr().out)["givenBack"] == 1


def test_a_dry_run_counts_what_would_be_given_back_and_writes_nothing(
    tables: Tables, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["clean", "--synthetic", "--dry-run", "--json"]) == 0
    assert not tables.written
    assert json.loads(capsys.readouterr().out)["givenBack"] == 1
