"""The deployed service as its callers and its operator meet it: signed HTTPS, the tables, the twin's faults.

Requests are signed by botocore's SigV4Auth, not by code of this project, and go to each region's own URL.
"""

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import dns.edns
import dns.message
import dns.query
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from blueprint import output_names as names
from functions.orders import contract
from ops.client.api import new_id
from ops.deployed.deployment import Deployment, Stack, parse
from ops.deployed.tables import RegionTables
from ops.drill.measure.ledger import ClientType, Entry, Kind
from ops.net.transport import Address, Connection, Timeouts
from tests.fakes.twin_fixtures import DeployedTwin
from tests.waiting import until

EAST, WEST = "us-east-1", "us-west-2"
REGIONS = (EAST, WEST)
NO_LAG = (0.0, 0.0)
SHORT_LAG = (0.2, 0.4)
"""For tests that wait for replication but are not about how long it takes."""
_ONCE = Config(retries={"total_max_attempts": 1})
_PATIENCE = Timeouts(connect=5.0, read=30.0)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """What a problem body says to programs."""
        code: str | None = self.json.get("code")
        return code

    @property
    def region(self) -> str | None:
        return self.headers.get(contract.REGION_HEADER.lower())


@dataclass(frozen=True, kw_only=True)
class Wish:
    """An order that somebody wants; each has an id of its own unless one is given."""

    customer: str
    product: str
    order: str

    @property
    def query(self) -> dict[str, str]:
        return {
            contract.CUSTOMER_ID_PARAMETER: self.customer,
            contract.PRODUCT_ID_PARAMETER: self.product,
            contract.ORDER_ID_PARAMETER: self.order,
        }


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A customer and a product in stock, there in both regions."""

    customer: str
    product: str

    def wish(self, order: str | None = None) -> Wish:
        return Wish(customer=self.customer, product=self.product, order=order or new_id())


class Region:
    """The service in one region. Every method may be called from many threads."""

    def __init__(self, deployed: DeployedTwin, stack: Stack) -> None:
        self.name = stack.region
        self.stack = stack
        self._deployed = deployed
        url = urlsplit(stack.api_url)
        self._host, self._base = url.netloc, url.path.rstrip("/")
        https = urlsplit(deployed.client.addresses["regions"][self.name]["https"])
        self._address = Address(host=https.hostname or "", port=https.port or 0)
        self._tls = ssl.create_default_context(cafile=deployed.client.env["SSL_CERT_FILE"])
        self.dynamodb = deployed.client.boto3_client("dynamodb", self.name, config=_ONCE)
        self.tables = RegionTables(self.dynamodb, stack.table_names)
        self._lambda = deployed.client.boto3_client("lambda", self.name, config=_ONCE)
        self._logs = deployed.client.boto3_client("logs", self.name, config=_ONCE)
        self._log_groups: dict[str, str] = {}

    @property
    def credentials(self) -> Credentials:
        env = self._deployed.client.env
        return Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"])

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | str = "",
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A well-signed call; raises OSError or HTTPException when there is no answer."""
        target = self.target(path, query)
        return self.send(method, target, self.signed(method, target, body, headers), body)

    def target(self, path: str, query: Mapping[str, str] | str = "") -> str:
        """Path and query as they go on the wire, the query's order and escapes as given in a text."""
        text = query if isinstance(query, str) else urlencode(query)
        return f"{self._base}{path}" + (f"?{text}" if text else "")

    def signed(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        credentials: Credentials | None = None,
        region: str | None = None,
        service: str = "execute-api",
    ) -> dict[str, str]:
        """The headers of a signed request; what differs from a good signature can be given."""
        request = AWSRequest(
            method=method, url=f"https://{self._host}{target}", data=body, headers=dict(headers or {})
        )
        SigV4Auth(credentials or self.credentials, service, region or self.name).add_auth(request)
        return dict(request.headers.items())

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """A request as it is, signed or not."""
        connection = Connection(self._host, self._address, self._tls, _PATIENCE)
        try:
            found = connection.send(method, target, headers, body)
        finally:
            connection.close()
        return Answer(status=found.status, headers=found.headers, body=found.body)

    def order(self, wish: Wish) -> Answer:
        return self.call("POST", contract.ORDERS_PATH, wish.query)

    def read(self, wish: Wish) -> Answer:
        query = {k: v for k, v in wish.query.items() if k != contract.CUSTOMER_ID_PARAMETER}
        return self.call("GET", contract.ORDERS_PATH, query)

    def fill(self, *, customers: int = 0, products: int = 0, orders: int = 0) -> Answer:
        query = {"cust": str(customers), "product": str(products), "order": str(orders)}
        return self.call("POST", contract.FILL_PATH, query)

    def stored(self, table: str, identity: str) -> dict[str, Any] | None:
        """An item of this region's replica; `table` is one of the contract's."""
        item: dict[str, Any] | None = self.dynamodb.get_item(
            TableName=self.stack.table_names[table],
            Key={contract.TABLE_KEYS[table]: {"S": identity}},
            ConsistentRead=True,
        ).get("Item")
        return item

    def sold(self, product: str) -> bool:
        item = self.stored(contract.PRODUCTS, product)
        return item is not None and item[contract.PRODUCT_STATUS]["S"] == contract.SOLD

    def log_lines(self, function: str, text: str) -> list[dict[str, Any]]:
        """The function's own log lines that hold `text`."""
        found = self._logs.filter_log_events(logGroupName=self._log_group(function))
        written = (event["message"] for event in found["events"])
        lines = (json.loads(message) for message in written if text in message)
        return [line for line in lines if "route" in line]

    def configuration(self, function: str) -> dict[str, Any]:
        """How Lambda runs one of the contract's functions."""
        arn = self.stack.function_arns[function]
        found: dict[str, Any] = self._lambda.get_function_configuration(FunctionName=arn)
        return found

    def _log_group(self, function: str) -> str:
        if function not in self._log_groups:
            self._log_groups[function] = self.configuration(function)["LoggingConfig"]["LogGroup"]
        return self._log_groups[function]


class Service:
    """Both regions of one deployment, and what the twin can do to them."""

    def __init__(self, deployed: DeployedTwin) -> None:
        self.twin = deployed.client
        self.deployed = deployed
        self.deployment: Deployment = parse(deployed.outputs, source="the tests' twin")
        self.regions = {stack.region: Region(deployed, stack) for stack in self.deployment.stacks}
        self._lag = self.measured_lag

    @property
    def east(self) -> Region:
        return self.regions[EAST]

    @property
    def west(self) -> Region:
        return self.regions[WEST]

    @cached_property
    def table_names(self) -> tuple[str, ...]:
        return tuple(self.deployment.primary.table_names.values())

    def shared_region(self, near: str = EAST) -> str:
        """Where the shared name leads clients near a region now."""
        host, _, port = self.twin.addresses["dns"].partition(":")
        name = urlsplit(self.deployment.domain_url).netloc
        subnet = dns.edns.ECSOption(self.twin.addresses["regions"][near]["nearSubnet"].partition("/")[0], 24)
        query = dns.message.make_query(name, "A", use_edns=0, options=[subnet])
        address = str(dns.query.udp(query, host, port=int(port), timeout=5).answer[-1][0])
        places = {where["dnsAddress"]: region for region, where in self.twin.addresses["regions"].items()}
        return str(places[address])

    def warm_up(self) -> None:
        """Start a worker of each function, so that no test measures that."""
        for region in self.regions.values():
            assert region.call("GET", contract.HEALTH_PATH).status == 200
            assert region.order(Pair(customer="nobody", product="nothing").wish()).status == 404
            assert region.fill().status == 200

    @cached_property
    def iam(self) -> Any:
        return self.twin.boto3_client("iam", EAST, config=_ONCE)

    def stock(self, number: int) -> list[Pair]:
        """Customers and products of the API's own fill, there in both regions."""
        with self.lag(*NO_LAG):
            answer = self.east.fill(customers=number, products=number)
            assert answer.status == 200, answer.body
            self.settle()
        found = answer.json
        return [
            Pair(customer=customer, product=product)
            for customer, product in zip(found["customers"], found["products"], strict=True)
        ]

    def pair(self) -> Pair:
        return self.stock(1)[0]

    @cached_property
    def measured_lag(self) -> tuple[float, float]:
        """The lag that the twin has of itself: the one measured on AWS."""
        parameters = self.twin.status()["parameters"]
        return parameters["replicationLagP50Seconds"], parameters["replicationLagP99Seconds"]

    @contextmanager
    def lag(self, p50: float, p99: float) -> Iterator[None]:
        """Another replication lag, in seconds, for changes that are written meanwhile."""
        before, self._lag = self._lag, (p50, p99)
        self._set_lag(p50, p99)
        try:
            yield
        finally:
            self._lag = before
            self._set_lag(*before)

    def _set_lag(self, p50: float, p99: float) -> None:
        for source, target in ((EAST, WEST), (WEST, EAST)):
            body = {"from": source, "to": target, "lag": {"p50": p50, "p99": p99}}
            self.twin.call("POST", "/_twin/links", body)

    def settle(self) -> None:
        """Wait until nothing is on its way between the regions."""
        until(lambda: self.twin.replication()["pending"] == 0, "every change arrived")

    def mend(self) -> None:
        """End whatever a test broke, so that the next one finds the service whole."""
        status = self.twin.status()
        self.twin.clear_faults()
        for region in (name for name, state in status["regions"].items() if state != "up"):
            self.twin.revive(region)
        for number in (int(n) for n, state in status["arcEndpoints"].items() if state != "up"):
            self.twin.revive_arc_endpoint(number)
        for link in status["replication"]["links"]:
            if link["cut"]:
                self.twin.link(link["from"], link["to"], cut=False)

    @property
    def routing(self) -> Mapping[str, Any]:
        """The stacks' output about routing controls."""
        found: Mapping[str, Any] = self.deployed.outputs["region1"][names.ARC]
        return found


def note(answer: Answer, wish: Wish, *, sent: float, answered: float) -> Entry:
    """An answered create, as the drill's clients write it down."""
    return Entry(
        request_id=new_id(),
        kind=Kind.CREATE,
        order_id=wish.order,
        product_id=wish.product,
        host="acceptance",
        client=ClientType.FRESH,
        near=answer.region or "",
        sent=sent,
        answered=answered,
        status=answer.status,
        region=answer.region,
    )


def stored_orders(service: Service, orders: list[str]) -> dict[str, dict[str, Any]]:
    """What each region's table has of these orders: region -> order id -> the drill's StoredOrder."""
    return {name: dict(region.tables.orders(orders)) for name, region in service.regions.items()}
