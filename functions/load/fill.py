"""Make customers and products through POST /fill, and choose the ids of the orders that will buy them."""

from collections.abc import Mapping
from typing import Any, Final

import ulid

from functions.orders import contract as orders

from . import contract
from .entry import NO_ANSWER, Api, entry_point, no_answer, note
from .errors import InvalidInputError, NotFilledError
from .numbers import whole

READ_SECONDS: Final = 29.0
"""API Gateway answers within 29 s (Amazon API Gateway quotas)."""


def fill(given: Mapping[str, Any], api: Api) -> dict[str, Any]:
    """``{"url", "count"}`` -> ``{"orders": [{"customerId", "productId", "orderId"}, ...]}``, `count` of them.

    An order's id is chosen here, before it is first placed, so that every retry places the same order.
    """
    count = _count(given)
    query = {
        orders.FILL_CUSTOMERS_PARAMETER: str(count),
        orders.FILL_PRODUCTS_PARAMETER: str(count),
        orders.FILL_ORDERS_PARAMETER: "0",
    }
    try:
        answer = api.send("POST", orders.FILL_PATH, query)
    except NO_ANSWER as error:
        raise NotFilledError(no_answer(error)) from error
    customers, products = (answer.document.get(kind) or () for kind in (orders.CUSTOMERS, orders.PRODUCTS))
    if answer.status != 200 or not len(customers) == len(products) == count:
        raise NotFilledError(str(answer))
    note(filled=count, region=answer.region)
    return {
        contract.ORDERS: [
            {
                orders.CUSTOMER_ID_PARAMETER: customer,
                orders.PRODUCT_ID_PARAMETER: product,
                orders.ORDER_ID_PARAMETER: str(ulid.new()),
            }
            for customer, product in zip(customers, products, strict=True)
        ]
    }


def _count(given: Mapping[str, Any]) -> int:
    count = whole(given.get(contract.COUNT))
    if count is not None and 1 <= count <= contract.BATCH_ITEMS:
        return count
    raise InvalidInputError(
        f"{contract.COUNT} is {given.get(contract.COUNT)!r}: a whole number from 1 to {contract.BATCH_ITEMS}."
    )


handler = entry_point(fill, read_seconds=READ_SECONDS)
