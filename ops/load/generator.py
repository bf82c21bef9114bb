"""One region's load generator: its executions, what they counted, and which orders were acknowledged."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.load import contract as load
from functions.load.errors import OrderNotReadError
from functions.load.numbers import whole
from functions.orders import contract as orders
from ops.client.api import new_id
from ops.deployed.deployment import Deployment, Stack
from ops.deployed.target import Target
from ops.errors import DeploymentError

RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"
# Enough of a history's end to hold the last step that ended, whatever it was.
LAST_EVENTS = 20
MOST_EVENTS = 1000
# What one call of ListExecutions gives at most (its API reference).
MOST_EXECUTIONS = 1000
_OF_ORDER = re.compile(r"order (?P<id>[0-9A-Za-z_-]+): ")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What an execution has done so far; `regions` says which region answered what."""

    asked: int = 0
    created: int = 0
    read: int = 0
    failed: int = 0
    regions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Orders that were placed or given up; one that was only not read back is in both counts."""
        return max(self.read + self.failed, self.created)

    def __add__(self, other: "Counts") -> "Counts":
        regions = {
            region: {
                what: sum(counts.regions.get(region, {}).get(what, 0) for counts in (self, other))
                for what in (load.CREATED, load.READ_BACK)
            }
            for region in sorted({*self.regions, *other.regions})
        }
        return Counts(
            asked=self.asked + other.asked,
            created=self.created + other.created,
            read=self.read + other.read,
            failed=self.failed + other.failed,
            regions=regions,
        )


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution as it stands; `why` is the error of one that failed."""

    region: str
    arn: str
    status: str
    started: datetime
    stopped: datetime | None
    counts: Counts
    why: str = ""

    @property
    def running(self) -> bool:
        return self.status == RUNNING

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """An order that the API said it had created."""

    order_id: str
    product_id: str


class LoadGenerator:
    """`client` is boto3's of Step Functions in the generator's region, `url` the name that it orders from."""

    def __init__(self, client: Any, *, region: str, arn: str, url: str) -> None:
        self._client = client
        self._arn = arn
        self._url = url
        self.region = region

    def start(self, items: int) -> Execution:
        """Start an execution of 1 to 1000 items.

        It is not described here: DescribeExecution is eventually consistent (its API reference).
        """
        started = self._client.start_execution(
            stateMachineArn=self._arn,
            name=f"ops-{new_id()}",
            input=json.dumps({load.NUM_ITEMS: items, load.URL: self._url}),
        )
        return Execution(
            region=self.region,
            arn=started["executionArn"],
            status=RUNNING,
            started=started["startDate"],
            stopped=None,
            counts=Counts(asked=items),
        )

    def look(self, execution_arn: str) -> Execution:
        """An execution as it is now."""
        found = self._client.describe_execution(executionArn=execution_arn)
        output = found.get("output")
        before = _counts_of_nothing(found.get("input"))
        return Execution(
            region=self.region,
            arn=execution_arn,
            status=found["status"],
            started=found["startDate"],
            stopped=found.get("stopDate"),
            counts=_counts(json.loads(output)) if output else self._counts_so_far(execution_arn, before),
            why=": ".join(text for text in (found.get("error"), found.get("cause")) if text),
        )

    def recent(self, number: int) -> list[Execution]:
        """The executions that were started last, running ones among them.

        ListExecutions gives "the most recent execution first" (its API reference), and one that has ended may
        count as of its end: before one that was started later. So all of a page are put in order here.
        """
        answer = self._client.list_executions(stateMachineArn=self._arn, maxResults=MOST_EXECUTIONS)
        newest = sorted(answer["executions"], key=lambda one: one["startDate"], reverse=True)
        return [self.look(one["executionArn"]) for one in newest[:number]]

    def acknowledged(self, execution_arn: str) -> list[Acknowledged]:
        """Every order of an execution that was acknowledged, whether or not it could be read back."""
        products: dict[str, str] = {}
        ids: dict[str, None] = {}
        for event in self._events(execution_arn):
            payload = _payload(event)
            for order in payload.get(load.ORDERS, ()):
                products[order[orders.ORDER_ID_PARAMETER]] = order[orders.PRODUCT_ID_PARAMETER]
            if load.ORDER in payload:
                ids[payload[load.ORDER][orders.ORDER_ID_PARAMETER]] = None
            if unread := _created_but_not_read(event):
                ids[unread] = None
        return [Acknowledged(order_id=one, product_id=products.get(one, "")) for one in ids]

    def _counts_so_far(self, execution_arn: str, before: Counts) -> Counts:
        events = self._client.get_execution_history(
            executionArn=execution_arn, reverseOrder=True, maxResults=LAST_EVENTS
        )["events"]
        tallies = (_tally(event) for event in events)
        return next((_counts(tally) for tally in tallies if tally is not None), before)

    def _events(self, execution_arn: str) -> Iterator[Mapping[str, Any]]:
        request = {"executionArn": execution_arn, "maxResults": MOST_EVENTS}
        while True:
            page = self._client.get_execution_history(**request)
            yield from page["events"]
            if "nextToken" not in page:
                return
            request["nextToken"] = page["nextToken"]


def generators(target: Target, deployment: Deployment, region: str | None) -> list[LoadGenerator]:
    """Those of every stack, or of one region's; DeploymentError where a stack has none."""
    stacks = [deployment.stack_in(region)] if region else list(deployment.stacks)
    return [_generator(target, deployment, stack) for stack in stacks]


def _generator(target: Target, deployment: Deployment, stack: Stack) -> LoadGenerator:
    if not stack.load_generator_arn:
        raise DeploymentError(
            f"Stack {stack.name} has no load generator ({deployment.source}): `fillEnabled` is false there, "
            "or an older program deployed it. Set it to true, or deploy again."
        )
    return LoadGenerator(
        target.client("stepfunctions", stack.region),
        region=stack.region,
        arn=stack.load_generator_arn,
        url=deployment.domain_name,
    )


def _counts_of_nothing(given: str | None) -> Counts:
    """Of an execution that has not counted yet, whose input anybody may have written."""
    try:
        asked = json.loads(given or "{}").get(load.NUM_ITEMS)
    except (ValueError, AttributeError):
        return Counts()
    return Counts(asked=whole(asked) or 0)


def _payload(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a function answered, of the event that says that it did; empty for every other event."""
    output = event.get("taskSucceededEventDetails", {}).get("output")
    payload = json.loads(output).get("Payload") if output else None
    return payload if isinstance(payload, dict) else {}


def _created_but_not_read(event: Mapping[str, Any]) -> str | None:
    details = event.get("taskFailedEventDetails", {})
    if details.get("error") != OrderNotReadError.__name__:
        return None
    found = _OF_ORDER.search(details.get("cause", ""))
    return found["id"] if found else None


def _tally(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    output = event.get("stateExitedEventDetails", {}).get("output")
    value = json.loads(output) if output else None
    return value if isinstance(value, dict) and load.ASKED in value else None


def _counts(tally: Mapping[str, Any]) -> Counts:
    return Counts(
        asked=int(tally[load.ASKED]),
        created=int(tally[load.CREATED]),
        read=int(tally[load.READ_BACK]),
        failed=int(tally[load.FAILED]),
        regions={
            region: {what: int(number) for what, number in counts.items()}
            for region, counts in tally[load.REGIONS].items()
        },
    )
