"""Keeps orders coming at a steady rate from all hosts, until told to stop."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count

from ops.client.api import new_id
from ops.drill.clients.hosts import Host, Job
from ops.drill.clients.supply import Supply
from ops.drill.measure.ledger import Kind, Ledger

# One request in so many reads an order back, the others create one.
READ_EVERY = 4
# Requests that one host may have under way: a hanging connection must not stop its other requests.
WORKERS_PER_HOST = 4
# Seconds to wait for requests that are under way when the traffic stops.
DRAIN = 10.0
# Seconds; below what floating-point clocks can tell apart, waiting would never end.
CLOSE_ENOUGH = 1e-6


class Traffic:
    """Sends `rate` requests a second in all, dealt to the hosts in turn."""

    def __init__(
        self,
        hosts: Sequence[Host],
        supply: Supply,
        ledger: Ledger,
        *,
        rate: float,
        clock: Callable[[], float],
    ) -> None:
        self._hosts = tuple(hosts)
        self._supply = supply
        self._ledger = ledger
        self._rate = rate
        self._clock = clock
        self._stop = threading.Event()
        self._queues: dict[str, queue.SimpleQueue[Job | None]] = {h.name: queue.SimpleQueue() for h in hosts}
        self._threads = [
            threading.Thread(target=self._work, args=(host,), daemon=True, name=f"{host.name}-{number}")
            for host in hosts
            for number in range(WORKERS_PER_HOST)
        ]
        self._scheduler = threading.Thread(target=self._deal, daemon=True, name="schedule")

    def start(self) -> None:
        for thread in (*self._threads, self._scheduler):
            thread.start()

    def stop(self) -> None:
        """No new requests; waits for those under way."""
        self._stop.set()
        self._scheduler.join(DRAIN)
        for waiting in self._queues.values():
            for _ in range(WORKERS_PER_HOST):
                waiting.put(None)
        for thread in self._threads:
            thread.join(DRAIN)
        for host in self._hosts:
            host.close()

    def _deal(self) -> None:
        moments = due(self._rate, clock=self._clock, stop=self._stop)
        for number, (_, host) in enumerate(zip(moments, _in_turn(self._hosts), strict=False)):
            job = self._job(host, reading=(number // len(self._hosts)) % READ_EVERY == READ_EVERY - 1)
            if job is not None:
                self._queues[host.name].put(job)

    def _job(self, host: Host, *, reading: bool) -> Job | None:
        known = host.readable()
        if reading and known is not None:
            return Job(kind=Kind.READ, order_id=known.order_id, product_id=known.product_id)
        wanted = self._supply.take()
        if wanted is None:
            return None
        return Job(
            kind=Kind.CREATE, order_id=new_id(), product_id=wanted.product_id, customer_id=wanted.customer_id
        )

    def _work(self, host: Host) -> None:
        waiting = self._queues[host.name]
        while (job := waiting.get()) is not None:
            host.send(job, self._ledger)


def _in_turn(hosts: Sequence[Host]) -> Iterable[Host]:
    while True:
        yield from hosts


def due(
    rate: float,
    *,
    clock: Callable[[], float],
    stop: threading.Event,
    pause: Callable[[float], object] | None = None,
) -> Iterator[float]:
    """Yield each moment at which a request is due, `rate` of them a second, until `stop` is set.

    An open loop, as customers are: the moments do not depend on how long answers take.

    A late caller gets the moments that it missed one after the other: the number sent stays `rate` x time.
    `pause(seconds)` waits, by default on `stop`.
    """
    wait = pause or stop.wait
    start = clock()
    for number in count():
        moment = start + number / rate
        while not stop.is_set() and (left := moment - clock()) > CLOSE_ENOUGH:
            wait(left)
        if stop.is_set():
            return
        yield moment
