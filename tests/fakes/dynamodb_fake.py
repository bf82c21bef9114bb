"""DynamoDB in memory: the operations, conditions and errors that the order functions meet.

Every call is checked against botocore's own service model, and where permissions are given, against those.
Faults are queued by a test: a failure before the call takes effect, or after it (the answer got lost).
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

Item = dict[str, Any]

_OPERATIONS = {
    "get_item": "GetItem",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "transact_write_items": "TransactWriteItems",
    "batch_write_item": "BatchWriteItem",
}
_ACTIONS = {"ConditionCheck": "ConditionCheckItem", "Update": "UpdateItem", "Put": "PutItem"}


@cache
def _service_model() -> Any:
    return botocore.session.get_session().get_service_model("dynamodb")


def client_error(code: str, message: str = "", *, status: int = 400, **members: Any) -> ClientError:
    """An error as botocore raises it; ``members`` are beside the error, as CancellationReasons are."""
    response: Any = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **members,
    }
    return ClientError(response, "AnyOperation")


def cancelled(*codes: str) -> ClientError:
    """A cancelled transaction with these reasons, in order."""
    return client_error(
        "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes]
    )


@dataclass(frozen=True)
class Fault:
    error: Exception
    after: bool = False


@dataclass
class Call:
    operation: str
    parameters: Mapping[str, Any]


@dataclass
class FakeDynamoDB:
    """A client of one region. ``keys`` maps a table's name to its key attribute."""

    keys: Mapping[str, str]
    allowed: Mapping[str, Iterable[str]] | None = None
    """Table name to the IAM actions that the caller may use; None allows everything."""

    on_call: Callable[[str], None] = lambda _operation: None
    transactions: bool = True
    """False: as a table with multi-Region strong consistency."""

    unprocessed: Callable[[str, Item], bool] = lambda _table, _item: False
    tables: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))
    calls: list[Call] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    lock: Lock = field(default_factory=Lock)

    def fail(self, operation: str, *errors: Exception, after: bool = False) -> None:
        """Queue failures of the operation's next calls; ``after``: the call takes effect all the same."""
        self.faults[operation].extend(Fault(error, after) for error in errors)

    def put(self, table: str, item: Item) -> None:
        self.tables[table][item[self.keys[table]]["S"]] = item

    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("get_item", parameters, self._get)

    def put_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("put_item", parameters, lambda p: self._single("Put", p))

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("update_item", parameters, lambda p: self._single("Update", p))

    def transact_write_items(self, **parameters: Any) -> dict[str, Any]:
        return self._call("transact_write_items", parameters, self._transact)

    def batch_write_item(self, **parameters: Any) -> dict[str, Any]:
        return self._call("batch_write_item", parameters, self._batch)

    def _call(
        self, operation: str, parameters: dict[str, Any], act: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        shape = _service_model().operation_model(_OPERATIONS[operation]).input_shape
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), report.generate_report()
        with self.lock:
            self.calls.append(Call(operation, parameters))
            self.on_call(operation)
            fault = self.faults[operation].popleft() if self.faults[operation] else None
            if fault is not None and not fault.after:
                raise fault.error
            answer = act(parameters)
            if fault is not None:
                raise fault.error
            return answer

    def _permit(self, table: str, action: str) -> None:
        if self.allowed is not None and f"dynamodb:{action}" not in self.allowed.get(table, ()):
            raise client_error(
                "AccessDeniedException",
                "User: arn:aws:sts::111122223333:assumed-role/orders/f is not authorized to perform: "
                f"dynamodb:{action} on resource: arn:aws:dynamodb:us-east-1:111122223333:table/{table}",
            )

    def _get(self, parameters: dict[str, Any]) -> dict[str, Any]:
        table = parameters["TableName"]
        self._permit(table, "GetItem")
        stored = self.tables[table].get(parameters["Key"][self.keys[table]]["S"])
        return {} if stored is None else {"Item": dict(stored)}

    def _single(self, kind: str, write: dict[str, Any]) -> dict[str, Any]:
        self._permit(write["TableName"], _ACTIONS[kind])
        if not self._holds(write):
            members: dict[str, Any] = {"Item": self._stored(write)} if self._returned(write) else {}
            raise client_error("ConditionalCheckFailedException", **members)
        self._apply(kind, write)
        return {}

    def _transact(self, parameters: dict[str, Any]) -> dict[str, Any]:
        if not self.transactions:
            raise client_error("ValidationException", "transactions are not supported on this table")
        writes = [next(iter(entry.items())) for entry in parameters["TransactItems"]]
        for kind, write in writes:
            self._permit(write["TableName"], _ACTIONS[kind])
        held = [self._holds(write) for _, write in writes]
        if not all(held):
            reasons = [self._reason(write, ok) for (_, write), ok in zip(writes, held, strict=True)]
            raise client_error("TransactionCanceledException", CancellationReasons=reasons)
        for kind, write in writes:
            self._apply(kind, write)
        return {}

    def _batch(self, parameters: dict[str, Any]) -> dict[str, Any]:
        left: dict[str, list[Any]] = {}
        assert sum(len(requests) for requests in parameters["RequestItems"].values()) <= 25
        for table, requests in parameters["RequestItems"].items():
            self._permit(table, "BatchWriteItem")
            for request in requests:
                item = request["PutRequest"]["Item"]
                if self.unprocessed(table, item):
                    left.setdefault(table, []).append(request)
                else:
                    self.put(table, item)
        return {"UnprocessedItems": left}

    def _reason(self, write: Mapping[str, Any], held: bool) -> dict[str, Any]:
        if held:
            return {"Code": "None"}
        reason: dict[str, Any] = {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
        }
        if self._returned(write):
            reason["Item"] = self._stored(write)
        return reason

    def _returned(self, write: Mapping[str, Any]) -> bool:
        return (
            write.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and self._stored(write) is not None
        )

    def _stored(self, write: Mapping[str, Any]) -> Item | None:
        key = self.keys[write["TableName"]]
        value = (write.get("Item") or write["Key"])[key]["S"]
        stored = self.tables[write["TableName"]].get(value)
        return dict(stored) if stored is not None else None

    def _holds(self, write: Mapping[str, Any]) -> bool:
        stored = self._stored(write) or {}
        values = write.get("ExpressionAttributeValues", {})
        return all(_term_holds(term, stored, values) for term in write["ConditionExpression"].split(" AND "))

    def _apply(self, kind: str, write: Mapping[str, Any]) -> None:
        if kind == "Put":
            self.put(write["TableName"], dict(write["Item"]))
        elif kind == "Update":
            stored = self._stored(write) or dict(write["Key"])
            values = write["ExpressionAttributeValues"]
            self.put(write["TableName"], _updated(stored, write["UpdateExpression"], values))


def _term_holds(term: str, stored: Item, values: Mapping[str, Any]) -> bool:
    if match := re.fullmatch(r"attribute_(not_)?exists\((\w+)\)", term):
        return (match[2] in stored) is (match[1] is None)
    name, value = re.fullmatch(r"(\w+) = (:\w+)", term).groups()  # type: ignore[union-attr]
    return name in stored and stored[name] == values[value]


def _updated(stored: Item, expression: str, values: Mapping[str, Any]) -> Item:
    changed = dict(stored)
    setting, _, removing = expression.removeprefix("SET ").partition(" REMOVE ")
    for assignment in setting.split(", "):
        name, value = assignment.split(" = ")
        changed[name] = values[value]
    for name in filter(None, removing.split(", ")):
        changed.pop(name, None)
    return changed
