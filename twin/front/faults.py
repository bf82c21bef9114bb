"""Injected faults: a service that is slow, fails, throttles or is busy elsewhere, by region and operation."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from twin.front.aws_errors import AwsError, conflicting, failing, render, throttled
from twin.front.protocol import ASGIApp, ConnectionCutError, Receive, Scope, Send
from twin.front.request import Request, answer, listener_of, request_of

FaultKind = Literal["slow", "failing", "throttled", "conflicting"]
MAX_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One injected fault.

    `service` and `operation` in botocore's names (`dynamodb`, `TransactWriteItems`; `execute-api`, `Invoke`
    for calls of deployed APIs); an operation or region of None means every one. `rate` is the share of
    requests it hits, 0 to 1; `seconds` the delay of a slow one, before the service acts. `conflicting` is
    DynamoDB's alone: its writes meet a transaction of somebody else on the same items.
    """

    service: str
    kind: FaultKind
    region: str | None = None
    operation: str | None = None
    rate: float = 1.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"kind must be one of {', '.join(get_args(FaultKind))}, not {self.kind!r}")
        if not 0.0 < self.rate <= 1.0:
            raise ValueError(f"rate must be above 0 and at most 1, not {self.rate}")
        if not 0.0 <= self.seconds <= MAX_SECONDS:
            raise ValueError(f"seconds must be between 0 and {MAX_SECONDS:g}, not {self.seconds}")
        if self.kind == "slow" and self.seconds == 0.0:
            raise ValueError("a slow service needs seconds above 0")
        if self.kind == "conflicting" and self.service != "dynamodb":
            raise ValueError(f"only dynamodb has conflicting transactions, not {self.service}")

    def hits(self, region: str | None, service: str | None, operation: str | None) -> bool:
        """Whether it is about a request (chance aside)."""
        return (
            self.service == service and self.region in (None, region) and self.operation in (None, operation)
        )

    def as_json(self) -> dict[str, Any]:
        """For status and administration."""
        return asdict(self)

    def in_words(self) -> str:
        """Such as `slow dynamodb TransactWriteItems in us-east-1`."""
        where = f" in {self.region}" if self.region else ""
        return f"{self.kind} {self.service}{f' {self.operation}' if self.operation else ''}{where}"


class FaultTable:
    """The faults in force."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._faults: list[Fault] = []
        self._chance = chance

    def add(self, fault: Fault) -> None:
        """Put a fault in force; it replaces one of the same service, operation, region and kind."""
        self._faults = [f for f in self._faults if _same_place(f) != _same_place(fault)]
        self._faults.append(fault)

    async def mend(self) -> list[str]:
        """End all faults; returns what they were, in words."""
        ended = [fault.in_words() for fault in self._faults]
        self._faults.clear()
        return ended

    def all(self) -> tuple[Fault, ...]:
        """The faults in force."""
        return tuple(self._faults)

    def for_request(
        self, region: str | None, service: str | None, operation: str | None
    ) -> tuple[Fault, ...]:
        """The faults that strike one request, chance included; slow ones first."""
        struck = [f for f in self._faults if f.hits(region, service, operation) and self._chance() < f.rate]
        return tuple(sorted(struck, key=lambda fault: fault.kind != "slow"))


def _same_place(fault: Fault) -> tuple[str, str | None, str | None, str]:
    return fault.service, fault.operation, fault.region, fault.kind


def faults_layer(
    app: ASGIApp,
    table: FaultTable,
    is_up: Callable[[str], bool],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> ASGIApp:
    """Delay or fail requests as the table says, before anything acts on them."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        request, listener = request_of(scope), listener_of(scope)
        for fault in table.for_request(listener.region, request.service, request.operation):
            if fault.kind == "slow":
                await sleep(fault.seconds)
                if listener.kind != "arc" and listener.region is not None and not is_up(listener.region):
                    raise ConnectionCutError
                continue
            found = _error(fault, request)
            if found is None:
                continue
            status, headers, body = render(fault.service, request.protocol, found)
            await answer(send, status, headers, body)
            return
        await app(scope, receive, send)

    return layer


def _error(fault: Fault, request: Request) -> AwsError | None:
    """What a struck request is answered; None where this fault does not concern its operation."""
    if fault.kind == "failing":
        return failing(fault.service)
    if fault.kind == "throttled":
        return throttled(fault.service, request.protocol)
    return conflicting(request.operation, request.body)
