"""One region for tests: the three functions on tables in memory."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from functions.orders import contract, create, fill, read
from functions.orders.entry import Handler
from functions.orders.records import Recorder
from tests.fakes.clock_fake import FakeClock
from tests.fakes.dynamodb_fake import FakeDynamoDB, Item

NAMES = {contract.CUSTOMERS: "Customers-x7", contract.PRODUCTS: "Products-x7", contract.ORDERS: "Orders-x7"}
CUSTOMER, PRODUCT, ORDER = (
    "01K0CUSTOMER0000000000000A",
    "01K0PRODUCT00000000000000B",
    "01K0ORDER0000000000000000C",
)
MODULES: Mapping[str, Any] = {contract.CREATE: create, contract.READ: read, contract.FILL: fill}


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    remaining_ms: int = 8000
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.text)
        return loaded


@dataclass
class Region:
    name: str
    db: FakeDynamoDB
    clock: FakeClock
    strong: bool
    lines: list[str] = field(default_factory=list)

    @classmethod
    def make(cls, *, strong: bool, name: str = "us-east-1") -> Self:
        keys = {NAMES[table]: key for table, key in contract.TABLE_KEYS.items()}
        region = cls(
            name=name, db=FakeDynamoDB(keys=keys, transactions=not strong), clock=FakeClock(), strong=strong
        )
        region.put(contract.CUSTOMERS, {"CustomerId": {"S": CUSTOMER}})
        region.put(contract.PRODUCTS, {"ProductId": {"S": PRODUCT}, "ProductStatus": {"S": "IN_STOCK"}})
        return region

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AWS_REGION": self.name,
            "CONSISTENCY": "strong" if self.strong else "eventual",
            **{contract.table_variable(table): physical for table, physical in NAMES.items()},
        }

    def permit(self, actions: Mapping[str, Iterable[str]]) -> None:
        """Allow these IAM actions only, by table."""
        self.db.allowed = {NAMES[table]: tuple(allowed) for table, allowed in actions.items()}

    def handler(self, function: str) -> Handler:
        built: Handler = MODULES[function].build(
            self.environ,
            client=self.db,
            recorder=Recorder(self.name, self.lines.append),
            clock=self.clock.clock(),
        )
        return built

    def call(self, function: str, event: Any, context: Any = None) -> Answer:
        proxy = self.handler(function)(event, context or Context())
        assert proxy["isBase64Encoded"] is False
        return Answer(proxy["statusCode"], proxy["headers"], proxy["body"])

    def create(
        self,
        customer: str | None = CUSTOMER,
        product: str | None = PRODUCT,
        order: str | None = ORDER,
        **more: str,
    ) -> Answer:
        query = {"customerId": customer, "productId": product, "orderId": order, **more}
        return self.call(contract.CREATE, event("POST", "/orders", query))

    def read(self, order: str | None = ORDER, product: str | None = PRODUCT) -> Answer:
        return self.call(contract.READ, event("GET", "/orders", {"orderId": order, "productId": product}))

    def health(self) -> Answer:
        return self.call(contract.READ, event("GET", "/health", {}))

    def fill(self, context: Context | None = None, **counts: str) -> Answer:
        return self.call(contract.FILL, event("POST", "/fill", counts), context)

    def put(self, table: str, item: Item) -> None:
        self.db.put(NAMES[table], item)

    def item(self, table: str, key: str) -> Item | None:
        return self.db.tables[NAMES[table]].get(key)

    def items(self, table: str) -> list[Item]:
        return list(self.db.tables[NAMES[table]].values())

    def sell_to(self, order: str, *, customer: str | None = None, product: str = PRODUCT) -> None:
        """Mark the product as sold to an order that is not here."""
        item: Item = {
            "ProductId": {"S": product},
            "ProductStatus": {"S": "SOLD"},
            "OrderId": {"S": order},
        }
        if customer is not None:
            item |= {
                "CustomerId": {"S": customer},
                "SoldAt": {"S": "2026-11-24T11:59:59.000000Z"},
                "SoldIn": {"S": "us-west-2"},
            }
        self.put(contract.PRODUCTS, item)

    @property
    def last_line(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.lines[-1])
        return loaded


def event(
    method: str, path: str, query: Mapping[str, str | None], body: Any = None, **more: Any
) -> dict[str, Any]:
    """A proxy event of API Gateway, cut to what this program may look at and what it must not."""
    values = {name: value for name, value in query.items() if value is not None}
    return {
        "resource": path,
        "path": f"/v1{path}",
        "httpMethod": method,
        "headers": {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIASECRET",
            "X-Amz-Security-Token": "TOKEN",
        },
        "queryStringParameters": values or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in values.items()} or None,
        "requestContext": {
            "requestId": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "identity": {"userArn": "arn:aws:iam::111122223333:user/alice", "sourceIp": "192.0.2.7"},
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
        **more,
    }
