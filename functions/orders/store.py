"""DynamoDB: every call that create, read and health make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from . import contract
from .attempts import Attempts, TransientError, error_code, kind_of_code
from .claim import (
    CLAIM_CONDITION,
    CLAIM_EXPRESSION,
    RELEASE_CONDITION,
    RELEASE_EXPRESSION,
    claiming_values,
)
from .errors import UnexpectedAnswerError
from .order import Item, Order
from .settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEALTH_KEY: Final = "health"
"""A key that need not exist: reading nothing is a read as well."""

_CONDITION_FAILED: Final = "ConditionalCheckFailed"
_NO_REASON: Final = "None"
_PUT_ONCE: Final = f"attribute_not_exists({contract.ORDER_ID})"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why one item of a transaction cancelled it. ``item`` is what is stored, None where nothing is."""

    failed: bool
    item: Item | None = None


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """A transaction that found the tables in another state than a first sale needs."""

    customer: Reason
    product: Reason
    order: Reason


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A conditional write that was not made; ``item`` is what is stored, None where nothing is."""

    item: Item | None


class Store:
    """The tables of one region."""

    def __init__(self, client: "DynamoDBClient", settings: Settings) -> None:
        self._client = client
        self._tables = settings.tables
        self._strong = settings.strong

    def sell(self, order: Order, attempts: Attempts) -> Cancelled | None:
        """Sell the product to the order, all or nothing, in one call; None when it was done.

        The order's id makes the sale idempotent, for ever and in every region. The request token does so for
        ten minutes in one region only, so it serves what it can serve: this call sent again by us after its
        answer got lost.
        """
        # The positions here are the positions of the cancellation reasons.
        items = [self._customer_exists(order), self._product_is_sold(order), self._order_is_put(order)]
        token = str(uuid4())

        def call() -> Cancelled | None:
            try:
                self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)  # type: ignore[arg-type]
            except ClientError as error:
                if error_code(error) != "TransactionCanceledException":
                    raise
                return _cancelled(error)
            return None

        return attempts.run(call)

    def claim_product(self, order: Order, attempts: Attempts) -> Refused | None:
        """Mark the product as sold to the order if it is in stock; None when it was done."""
        return self._conditional(attempts, lambda: self._client.update_item(**self._claim(order)))

    def release_product(self, product_id: str, order_id: str, attempts: Attempts) -> None:
        """Take back a claim that came to nothing; a product that this order does not hold stays as it is."""
        self._conditional(
            attempts,
            lambda: self._client.update_item(
                TableName=self._tables[contract.PRODUCTS],
                Key={contract.PRODUCT_ID: {"S": product_id}},
                UpdateExpression=RELEASE_EXPRESSION,
                ConditionExpression=RELEASE_CONDITION,
                ExpressionAttributeValues={
                    ":in_stock": {"S": contract.IN_STOCK},
                    ":sold": {"S": contract.SOLD},
                    ":order": {"S": order_id},
                },
            ),
        )

    def put_order(self, order: Order, attempts: Attempts) -> Refused | None:
        """Store the order if its id is free; None when it was done."""
        return self._conditional(attempts, lambda: self._client.put_item(**self._put(order)))

    def get_order(self, order_id: str, attempts: Attempts) -> Item | None:
        return self._get(contract.ORDERS, order_id, attempts)

    def get_customer(self, customer_id: str, attempts: Attempts) -> Item | None:
        return self._get(contract.CUSTOMERS, customer_id, attempts)

    def check_health(self, attempts: Attempts) -> None:
        """Read the region's own replica; raises when that fails."""
        self._get(contract.ORDERS, HEALTH_KEY, attempts)

    def _get(self, table: str, key: str, attempts: Attempts) -> Item | None:
        answer = attempts.run(
            lambda: self._client.get_item(
                TableName=self._tables[table],
                Key={contract.TABLE_KEYS[table]: {"S": key}},
                ConsistentRead=self._strong,
            )
        )
        return answer.get("Item")

    def _customer_exists(self, order: Order) -> dict[str, Any]:
        return {
            "ConditionCheck": {
                "TableName": self._tables[contract.CUSTOMERS],
                "Key": {contract.CUSTOMER_ID: {"S": order.customer_id}},
                "ConditionExpression": f"attribute_exists({contract.CUSTOMER_ID})",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _product_is_sold(self, order: Order) -> dict[str, Any]:
        return {"Update": self._claim(order)}

    def _order_is_put(self, order: Order) -> dict[str, Any]:
        return {"Put": self._put(order)}

    def _claim(self, order: Order) -> dict[str, Any]:
        return {
            "TableName": self._tables[contract.PRODUCTS],
            "Key": {contract.PRODUCT_ID: {"S": order.product_id}},
            "UpdateExpression": CLAIM_EXPRESSION,
            "ConditionExpression": CLAIM_CONDITION,
            "ExpressionAttributeValues": claiming_values(order),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _put(self, order: Order) -> dict[str, Any]:
        return {
            "TableName": self._tables[contract.ORDERS],
            "Item": order.to_item(),
            "ConditionExpression": _PUT_ONCE,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _conditional(self, attempts: Attempts, write: Any) -> Refused | None:
        def call() -> Refused | None:
            try:
                write()
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                # botocore puts the stored item beside the error, where ALL_OLD asked for it.
                return Refused(item=_response(error).get("Item"))
            return None

        return attempts.run(call)


def _response(error: ClientError) -> Mapping[str, Any]:
    return error.response


def _cancelled(error: ClientError) -> Cancelled:
    """Read the reasons by position; raises TransientError when the same call may succeed in a moment.

    An order that is there decides the answer whatever the other items say, so it comes before a retry.
    """
    reasons: Sequence[Mapping[str, Any]] = _response(error).get("CancellationReasons") or ()
    codes = [str(reason.get("Code", _NO_REASON)) for reason in reasons]
    if len(codes) != 3:
        raise UnexpectedAnswerError(f"a cancelled transaction of 3 items came with {len(codes)} reasons")
    customer, product, order = (
        Reason(failed=code == _CONDITION_FAILED, item=reason.get("Item") or None)
        for code, reason in zip(codes, reasons, strict=True)
    )
    if order.item is None:
        if order.failed:
            raise UnexpectedAnswerError("an order that exists came without its item")
        _raise_unless_final(codes)
    return Cancelled(customer=customer, product=product, order=order)


def _raise_unless_final(codes: Sequence[str]) -> None:
    for code in codes:
        kind = kind_of_code(code)
        if kind is not None:
            raise TransientError(kind, f"transaction cancelled: {', '.join(codes)}")
    if set(codes) - {_NO_REASON, _CONDITION_FAILED} or _CONDITION_FAILED not in codes:
        raise UnexpectedAnswerError(f"a transaction was cancelled for {', '.join(codes)}")
