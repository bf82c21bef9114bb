"""Place one order and read it back, both through the shared name, and count what came of it."""

from collections.abc import Mapping
from typing import Any, Final

from functions.orders import contract as orders

from . import contract
from .api import ApiAnswer
from .entry import NO_ANSWER, Api, entry_point, identifier, no_answer, note
from .errors import InvalidInputError, OrderNotCreatedError, OrderNotReadError

READ_SECONDS: Final = 9.0
"""An order's own function has 8 s."""


def place(given: Mapping[str, Any], api: Api) -> dict[str, Any]:
    """``{"url", "order", "tally"}`` -> ``{"order", "tally"}``, the tally with this order in it.

    Placing the same order again is safe: its id makes it one order in every region. Raises
    OrderNotCreatedError when it is not acknowledged, OrderNotReadError when only reading it back failed.
    """
    order, tally = (_object(given, key) for key in (contract.ORDER, contract.TALLY))
    wanted = {
        name: identifier(order, name)
        for name in (
            orders.CUSTOMER_ID_PARAMETER,
            orders.PRODUCT_ID_PARAMETER,
            orders.ORDER_ID_PARAMETER,
        )
    }
    created = _created(wanted, api)
    read = _read(wanted, api)
    placed = {
        orders.ORDER_ID_PARAMETER: wanted[orders.ORDER_ID_PARAMETER],
        orders.PRODUCT_ID_PARAMETER: wanted[orders.PRODUCT_ID_PARAMETER],
        contract.CREATED_IN: created.region,
        contract.READ_IN: read.region,
    }
    note(**placed)
    return {contract.ORDER: placed, contract.TALLY: counted(tally, created.region, read.region)}


def counted(tally: Mapping[str, Any], created_in: str, read_in: str) -> dict[str, Any]:
    """The tally with one more order that was created and read back."""
    regions = {region: dict(counts) for region, counts in tally[contract.REGIONS].items()}
    for what, region in ((contract.CREATED, created_in), (contract.READ_BACK, read_in)):
        counts = regions.setdefault(region, {contract.CREATED: 0, contract.READ_BACK: 0})
        counts[what] = int(counts[what]) + 1
    return {
        **tally,
        contract.CREATED: int(tally[contract.CREATED]) + 1,
        contract.READ_BACK: int(tally[contract.READ_BACK]) + 1,
        contract.REGIONS: regions,
    }


def _created(wanted: Mapping[str, str], api: Api) -> ApiAnswer:
    try:
        answer = api.send("POST", orders.ORDERS_PATH, {**wanted, orders.SYNTHETIC_PARAMETER: "true"})
    except NO_ANSWER as error:
        raise OrderNotCreatedError(_named(wanted, no_answer(error))) from error
    if answer.status not in (200, 201):
        raise OrderNotCreatedError(_named(wanted, str(answer)))
    return answer


def _read(wanted: Mapping[str, str], api: Api) -> ApiAnswer:
    ids = {name: wanted[name] for name in (orders.ORDER_ID_PARAMETER, orders.PRODUCT_ID_PARAMETER)}
    try:
        answer = api.send("GET", orders.ORDERS_PATH, ids)
    except NO_ANSWER as error:
        raise OrderNotReadError(_named(wanted, no_answer(error))) from error
    stored = {
        orders.ORDER_ID_PARAMETER: answer.document.get(orders.ORDER_ID),
        orders.PRODUCT_ID_PARAMETER: answer.document.get(orders.PRODUCT_ID),
    }
    if answer.status != 200:
        raise OrderNotReadError(_named(wanted, str(answer)))
    if stored != ids:
        raise OrderNotReadError(_named(wanted, f"{answer.region} answered another order: {stored}"))
    return answer


def _named(wanted: Mapping[str, str], what: str) -> str:
    return f"order {wanted[orders.ORDER_ID_PARAMETER]}: {what}"


def _object(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key)
    if not isinstance(value, dict):
        raise InvalidInputError(f"{key} is {value!r}: an object is needed.")
    return value


handler = entry_point(place, read_seconds=READ_SECONDS)
