"""Does a deployed region do its work? A few real calls, each one a check with a name."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from blueprint.order_service import CANARY_CUSTOMER, CANARY_ORDER, CANARY_PRODUCT
from functions.orders.contract import FILL, REGION_HEADER
from ops.client import api, calls
from ops.client.api import new_id
from ops.client.calls import OrdersApi, Signature
from ops.deployed.deployment import Deployment
from ops.deployed.target import Target
from ops.drill.clients.supply import Wanted, fill_pairs
from ops.errors import CallError, OpsError
from ops.net.transport import HttpAnswer

# What replication may take before a region counts as not receiving.
REPLICATION_LIMIT = 30.0
LOOK_EVERY = 0.25
MAKE_A_PAIR = "make a customer and a product"
CANARY_ORDER_AGAIN = "create the canaries' order again (no new one: /fill is off)"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One check: where, what, whether it went well, what was seen, and how long it took in seconds."""

    place: str
    name: str
    ok: bool
    seen: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Trial:
    """An order to try with. `creates` names what `create` is sent for, and the status expected each time."""

    create: api.OrderCall
    read: api.OrderCall
    creates: Mapping[str, int]

    @classmethod
    def new(cls, pair: Wanted) -> "Trial":
        """An order that nobody has made, for a pair that was."""
        return cls.of(
            order=new_id(),
            pair=pair,
            creates={"create an order": 201, "the same order again": 200},
        )

    @classmethod
    def standing(cls) -> "Trial":
        """The order that the primary stack declares for its canaries: it is sold, so creating it writes
        nothing, but the function must be allowed to write and reads what stands.
        """
        pair = Wanted(customer_id=CANARY_CUSTOMER, product_id=CANARY_PRODUCT)
        return cls.of(order=CANARY_ORDER, pair=pair, creates={CANARY_ORDER_AGAIN: 200})

    @classmethod
    def read_only(cls) -> "Trial":
        """The same order, which is only read."""
        return replace(cls.standing(), creates={})

    @classmethod
    def of(cls, *, order: str, pair: Wanted, creates: Mapping[str, int]) -> "Trial":
        return cls(
            create=api.create_order(customer=pair.customer_id, product=pair.product_id, order=order),
            read=api.read_order(order=order, product=pair.product_id),
            creates=creates,
        )


def check(
    target: Target,
    deployment: Deployment,
    regions: Sequence[str],
    *,
    report: Callable[[str], None],
    domain: bool = False,
    read_in: Sequence[str] = (),
    read_only: bool = False,
) -> Sequence[Checked]:
    """Smoke-test `regions`, reading back in each of them and in `read_in`; no other region is called.

    `domain`: the shared name too. `read_only`: make nothing, and read the canaries' order.
    """
    called = [region for region in deployment.regions if region in (*regions, *read_in)]
    apis = {region: calls.regional(target, deployment.stack_in(region)) for region in called}
    without_fill = [r for r in called if FILL not in deployment.stack_in(r).function_arns]
    smoke = Smoke(apis, without_fill=without_fill, read_only=read_only, report=report)
    for region in regions:
        smoke.region(region)
    if domain:
        smoke.shared_name(calls.shared(target, deployment))
    return smoke.results


def refused_to_make(results: Sequence[Checked]) -> bool:
    """Whether the caller may not make what is tried with, as an operator may not."""
    return any(one.name == MAKE_A_PAIR and one.seen.startswith("403") for one in results)


def passed(results: Sequence[Checked]) -> bool:
    return all(one.ok for one in results)


class Smoke:
    """Checks regions through their own URLs, and the shared name; `regions` maps a region to its API.

    In a region of `without_fill` nothing can be made to order with; the canaries' order stands in. With
    `read_only` it does so everywhere, and no call writes.
    """

    def __init__(
        self,
        regions: dict[str, OrdersApi],
        *,
        report: Callable[[str], None],
        without_fill: Collection[str] = (),
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._regions = regions
        self._report = report
        self._without_fill = without_fill
        self._read_only = read_only
        self._clock = clock
        self._pause = pause
        self._results: list[Checked] = []

    def region(self, region: str) -> None:
        """Health, create, the same create again, read in each region, and two calls that must be refused."""
        choice = self._regions[region]
        self._expect(region, "health", 200, partial(choice.send, api.health()), served_by=region)
        trial = self._trial(region)
        if trial is None:
            return
        for name, status in trial.creates.items():
            create = partial(self._replicated, choice, trial.create, until=status)
            self._expect(region, name, status, create, served_by=region)
        for place, other in self._regions.items():
            name = "read it" if place == region else f"read it in {place}"
            self._expect(region, name, 200, partial(self._replicated, other, trial.read), served_by=place)
        for signature in (Signature.FORGED, Signature.NONE):
            refused = partial(choice.send, trial.read, signature=signature)
            self._expect(region, f"signature {signature.value}: refused", 403, refused)

    def shared_name(self, through: OrdersApi) -> None:
        """Create and read through the name that all regions share, with a pair made where one could be."""
        region = next(filter(self._makes_pairs, self._regions), next(iter(self._regions)))
        trial = self._trial(region)
        if trial is None:
            return
        for name, status in list(trial.creates.items())[:1]:
            create = partial(self._replicated, through, trial.create, until=status)
            self._expect("domain", name, status, create)
        self._expect("domain", "read it", 200, partial(self._replicated, through, trial.read))

    @property
    def results(self) -> Sequence[Checked]:
        return tuple(self._results)

    def _makes_pairs(self, region: str) -> bool:
        return any(one.ok and (one.place, one.name) == (region, MAKE_A_PAIR) for one in self._results)

    def _trial(self, region: str) -> Trial | None:
        """None where nothing could be made to try with; that check has failed then."""
        if self._read_only:
            return Trial.read_only()
        if region in self._without_fill:
            return Trial.standing()
        pair = self._pair(region)
        return Trial.new(pair) if pair else None

    def _pair(self, region: str) -> Wanted | None:
        made: list[Wanted] = []

        def make() -> HttpAnswer:
            answer = self._regions[region].send(api.fill(customers=1, products=1))
            if answer.status == 200:
                made.extend(fill_pairs(1, lambda _: api.document(answer.body)))
            return answer

        self._expect(region, MAKE_A_PAIR, 200, make)
        return made[0] if made else None

    def _replicated(self, where: OrdersApi, call: api.OrderCall, *, until: int = 200) -> HttpAnswer:
        """Ask until what another region wrote has arrived."""
        deadline = self._clock() + REPLICATION_LIMIT
        while True:
            answer = where.send(call)
            if answer.status == until or answer.status != 404 or self._clock() >= deadline:
                return answer
            self._pause(LOOK_EVERY)

    def _expect(
        self,
        place: str,
        name: str,
        status: int,
        send: Callable[[], HttpAnswer],
        *,
        served_by: str | None = None,
    ) -> None:
        self._report(f"{place}: {name} ...")
        start = self._clock()
        try:
            answer = send()
            ok, seen = _judge(answer, status, served_by)
        except (CallError, OpsError) as error:
            ok, seen = False, str(error)
        self._results.append(Checked(place=place, name=name, ok=ok, seen=seen, seconds=self._clock() - start))


def table(results: Sequence[Checked]) -> str:
    """One line a check."""
    width = max((len(f"{r.place}: {r.name}") for r in results), default=0)
    return "\n".join(
        f"{'ok    ' if r.ok else 'FAILED'}  {f'{r.place}: {r.name}':{width}}  {r.seconds * 1000:6.0f} ms  "
        f"{r.seen}"
        for r in results
    )


def _judge(answer: HttpAnswer, status: int, served_by: str | None) -> tuple[bool, str]:
    region = answer.headers.get(REGION_HEADER.lower())
    if answer.status != status:
        problem = api.document(answer.body)
        said = problem.get("detail") or problem.get("title") or problem.get("message") or ""
        return False, f"{answer.status} instead of {status}" + (f": {said}" if said else "")
    if served_by is not None and region != served_by:
        return False, f"answered by {region or 'no region'} instead of {served_by}"
    return True, f"{answer.status}" + (f" from {region}" if region else "")
