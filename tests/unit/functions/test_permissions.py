"""The IAM actions that contract.table_actions names: all of them are needed, and no other is used."""

from collections.abc import Callable, Iterator

import pytest

from functions.orders import contract
from tests.unit.functions.region import CUSTOMER, ORDER, Region

MODES = {contract.EVENTUAL: False, contract.STRONG: True}


def every_permission() -> Iterator[tuple[str, str, str, str]]:
    for mode in MODES:
        for function in contract.HANDLERS:
            for table, actions in contract.table_actions(function, mode).items():
                for action in actions:
                    yield mode, function, table, action


def create_all(region: Region) -> list[int]:
    """Creates that need each kind of call: new, again, half done, and taken back."""
    statuses = [region.create().status, region.create(product="other").status]
    region.sell_to("half", customer=CUSTOMER, product="second")
    return [*statuses, region.create(product="second", order="half").status]


def read_all(region: Region) -> list[int]:
    return [region.read(order=ORDER).status, region.health().status]


def fill_all(region: Region) -> list[int]:
    return [region.fill(cust="1", product="1", order="1").status]


SCENARIOS: dict[str, tuple[Callable[[Region], list[int]], list[int]]] = {
    contract.CREATE: (create_all, [201, 409, 200]),
    contract.READ: (read_all, [404, 200]),
    contract.FILL: (fill_all, [200]),
}


@pytest.mark.parametrize("mode", list(MODES))
@pytest.mark.parametrize("function", list(contract.HANDLERS))
def test_a_function_needs_no_more_than_it_is_given(mode: str, function: str) -> None:
    region = Region.make(strong=MODES[mode])
    region.permit(contract.table_actions(function, mode))
    scenario, expected = SCENARIOS[function]
    assert scenario(region) == expected


@pytest.mark.parametrize(("mode", "function", "table", "action"), list(every_permission()))
def test_a_function_without_one_of_its_permissions_fails(
    mode: str, function: str, table: str, action: str
) -> None:
    actions = {name: list(allowed) for name, allowed in contract.table_actions(function, mode).items()}
    actions[table].remove(action)
    region = Region.make(strong=MODES[mode])
    region.permit(actions)
    scenario, expected = SCENARIOS[function]
    statuses = scenario(region)
    assert statuses != expected
    assert {status for status in statuses if status >= 500} == {503}


def test_a_function_gets_only_tables_that_it_uses() -> None:
    for mode in MODES:
        for function, tables in contract.FUNCTION_TABLES.items():
            assert set(contract.table_actions(function, mode)) == set(tables)
