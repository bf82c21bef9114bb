"""Which products can be looked at."""

import pytest

from functions.orders import contract
from ops.errors import MisuseError
from ops.reconcile.search import _refuse_unknown
from ops.reconcile.suspects import RegionScan


def test_a_product_that_is_nowhere_is_misuse_and_one_that_only_an_order_names_is_not() -> None:
    scan = RegionScan()
    scan.add_product({contract.PRODUCT_ID: {"S": "in-stock"}})
    scan.add_order({contract.ORDER_ID: {"S": "o"}, contract.PRODUCT_ID: {"S": "lost"}})
    _refuse_unknown(["in-stock", "lost"], [RegionScan(), scan])
    with pytest.raises(MisuseError, match="--product typed-wrong: no region that was read has it"):
        _refuse_unknown(["in-stock", "typed-wrong"], [RegionScan(), scan])
