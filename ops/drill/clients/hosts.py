"""The drill's clients: hosts near a region, each with one caching resolver, sending what it is
told to send.
"""

import http.client
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from functions.orders.contract import REGION_HEADER
from ops.client import api
from ops.client.api import new_id
from ops.drill.measure.ledger import ClientType, Entry, Kind, Ledger, Result
from ops.net.resolver import CachingResolver
from ops.net.signing import Signer
from ops.net.transport import Address, Connection, HttpAnswer, Timeouts


@dataclass(frozen=True, kw_only=True)
class Job:
    """One request to send."""

    kind: Kind
    order_id: str
    product_id: str
    customer_id: str = ""

    def call(self) -> api.OrderCall:
        if self.kind is Kind.CREATE:
            return api.create_order(customer=self.customer_id, product=self.product_id, order=self.order_id)
        return api.read_order(order=self.order_id, product=self.product_id)


@dataclass(frozen=True, kw_only=True)
class Wire:
    """How hosts reach the service: the shared name, trust, signatures, and where an address really
    listens.
    """

    site: api.Site
    context: ssl.SSLContext
    signer: Signer
    dial: Callable[[str], Address]
    timeouts: Timeouts


@dataclass
class KeptConnection:
    """A connection that is kept, since when, and which region answered on it last."""

    connection: Connection
    opened: float
    region: str | None = None


@dataclass
class Pool:
    """Idle connections, the one used last first; those past `max_age` (seconds) are closed, not used."""

    max_age: float
    clock: Callable[[], float]
    random: Random
    _idle: list[KeptConnection] = field(default_factory=list)
    _used: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> KeptConnection | None:
        with self._lock:
            self._drop_old()
            return self._idle.pop() if self._idle else None

    def give_back(self, kept: KeptConnection) -> None:
        with self._lock:
            self._idle.append(kept)
            self._drop_old()

    def opened(self) -> float:
        """When a connection that is made now counts as opened.

        The first one is given a random age, as if the client had been at work for long: how old connections
        are at the switch decides how long they stay.
        """
        with self._lock:
            age = 0.0 if self._used else self.random.random() * self.max_age
            self._used = True
        return self.clock() - age

    def regions(self) -> set[str | None]:
        """The regions that usable connections lead to."""
        with self._lock:
            self._drop_old()
            return {kept.region for kept in self._idle}

    def ages(self) -> list[float]:
        with self._lock:
            self._drop_old()
            return [self.clock() - kept.opened for kept in self._idle]

    def close(self) -> None:
        with self._lock:
            for kept in self._idle:
                kept.connection.close()
            self._idle.clear()

    def _drop_old(self) -> None:
        limit = self.clock() - self.max_age
        for kept in [k for k in self._idle if k.opened <= limit]:
            kept.connection.close()
            self._idle.remove(kept)


class Host:
    """One client host. `send` may run in several threads at once."""

    def __init__(
        self,
        *,
        name: str,
        client: ClientType,
        near: str,
        resolver: CachingResolver,
        wire: Wire,
        clock: Callable[[], float],
        max_age: float,
        random: Random,
    ) -> None:
        self.name = name
        self.client = client
        self.near = near
        self.resolver = resolver
        self._wire = wire
        self._clock = clock
        self._pool = Pool(max_age=max_age, clock=clock, random=random)
        self._lock = threading.Lock()
        self._latest: Entry | None = None
        self._acknowledged: Entry | None = None

    def send(self, job: Job, ledger: Ledger) -> None:
        """Send one request and note what came of it."""
        sent = self._clock()
        answer, error = None, ""
        try:
            answer = self._pooled(job) if self.client is ClientType.POOLED else self._fresh(job)
        except (OSError, http.client.HTTPException) as failure:
            error = f"{type(failure).__name__}: {failure}"
        entry = Entry(
            request_id=new_id(),
            kind=job.kind,
            order_id=job.order_id,
            product_id=job.product_id,
            host=self.name,
            client=self.client,
            near=self.near,
            sent=sent,
            answered=self._clock(),
            status=answer.status if answer else None,
            region=answer.headers.get(REGION_HEADER.lower()) if answer else None,
            error=error,
        )
        ledger.add(entry)
        self._remember(entry)

    def readable(self) -> Entry | None:
        """The order that this host was promised last."""
        with self._lock:
            return self._acknowledged

    def uses_only(self, allowed: Callable[[str | None], bool]) -> bool:
        """Was the latest request answered well by an allowed region, and do all kept connections
        lead to one?
        """
        with self._lock:
            latest = self._latest
        if latest is None or latest.result is Result.FAILED or not allowed(latest.region):
            return False
        return all(allowed(region) for region in self._pool.regions())

    def connection_ages(self) -> list[float]:
        """Seconds since each idle connection that is kept was opened."""
        return self._pool.ages()

    def close(self) -> None:
        self._pool.close()

    def _remember(self, entry: Entry) -> None:
        with self._lock:
            if self._latest is None or entry.sent >= self._latest.sent:
                self._latest = entry
            if entry.acknowledged:
                self._acknowledged = entry

    def _fresh(self, job: Job) -> HttpAnswer:
        connection = self._open()
        try:
            return self._exchange(connection, job)
        finally:
            connection.close()

    def _pooled(self, job: Job) -> HttpAnswer:
        kept = self._pool.take() or KeptConnection(connection=self._open(), opened=self._pool.opened())
        try:
            answer = self._exchange(kept.connection, job)
        except BaseException:
            kept.connection.close()
            raise
        kept.region = answer.headers.get(REGION_HEADER.lower())
        self._pool.give_back(kept)
        return answer

    def _open(self) -> Connection:
        wire = self._wire
        return Connection(wire.site.host, wire.dial(self.resolver.address()), wire.context, wire.timeouts)

    def _exchange(self, connection: Connection, job: Job) -> HttpAnswer:
        site, call = self._wire.site, job.call()
        target = call.target(site)
        headers = self._wire.signer.for_all_regions(call.method, site.host, target, b"")
        return connection.send(call.method, target, headers)
