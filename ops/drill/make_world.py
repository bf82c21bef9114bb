"""Puts together what a drill acts on, from a deployment on a target."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from ops.client import api, calls
from ops.console import Console
from ops.deployed.deployment import Deployment
from ops.deployed.options import routing_switch
from ops.deployed.tables import RegionTables
from ops.deployed.target import Target, TwinTarget
from ops.drill.clients.hosts import Host, Wire
from ops.drill.clients.supply import Wanted, fill_pairs
from ops.drill.measure.ledger import ClientType
from ops.drill.settings import DrillSettings
from ops.drill.twin_outage import TwinOutage
from ops.drill.world import DrilledSystem
from ops.errors import CallError
from ops.net.dns_lookup import dns_lookup
from ops.net.resolver import CachingResolver, Lookup
from ops.net.signing import Signer
from ops.net.transport import Address, Timeouts

HERE = "here"


def make_world(
    target: Target,
    deployment: Deployment,
    settings: DrillSettings,
    console: Console,
    *,
    clock: Callable[[], float],
    subnets: Mapping[str, str],
    servers: Sequence[Address],
    alarm: Callable[[], bool] | None = None,
) -> DrilledSystem:
    """The world of a drill, whose clients ask the DNS `servers`.

    `subnets` puts clients near regions; without them they are where this host is.
    """
    site = api.Site.of(deployment.domain_url)
    near = {region: subnets.get(region) or target.subnet_near(region) for region in deployment.regions}
    lookups = {
        place: dns_lookup(site.host, servers, subnet=subnet, ttl=settings.ttl)
        for place, subnet in (near.items() if any(near.values()) else {HERE: None}.items())
    }
    ttl = _ttl(lookups)
    pool_age = settings.pool_age if settings.pool_age is not None else ttl
    wire = Wire(
        site=site,
        context=target.tls(),
        signer=Signer(target.keys),
        dial=target.dial,
        timeouts=Timeouts(),
    )
    twin = target.twin if isinstance(target, TwinTarget) else None
    parameters: Mapping[str, Any] = twin.status()["parameters"] if twin else {}
    return DrilledSystem(
        target=target.name,
        domain=site.host,
        regions=deployment.regions,
        switch=routing_switch(target, deployment, clock=clock),
        tables={
            stack.region: RegionTables(target.client("dynamodb", stack.region), stack.table_names)
            for stack in deployment.stacks
        },
        hosts=_hosts(settings, lookups, wire, clock, pool_age),
        fill=lambda number: _fill(target, deployment, number, console),
        outage=TwinOutage(twin) if twin and settings.scenario.breaks else None,
        ttl=ttl,
        pool_age=pool_age,
        configured_lag_p50=parameters.get("replicationLagP50Seconds"),
        configured_lag_p99=parameters.get("replicationLagP99Seconds"),
        parameters=parameters,
        replication=twin.replication if twin else dict,
        alarm=alarm,
    )


def _ttl(lookups: Mapping[str, Lookup]) -> float:
    """The TTL that the name's answers carry: the largest seen, since a shared cache gives what is
    left of it.
    """
    try:
        return max(look().ttl for look in lookups.values())
    except OSError as error:
        raise CallError(f"{error}. Is the domain deployed, and is its zone delegated?") from error


def _hosts(
    settings: DrillSettings,
    lookups: Mapping[str, Lookup],
    wire: Wire,
    clock: Callable[[], float],
    pool_age: float,
) -> list[Host]:
    """`settings.hosts` of each client type near each region."""
    random = Random(settings.seed)
    return [
        Host(
            name=f"{client.value}-{number}@{place}",
            client=client,
            near=place,
            resolver=CachingResolver(lookup, clock, Random(random.random())),
            wire=wire,
            clock=clock,
            max_age=pool_age,
            random=Random(random.random()),
        )
        for number in range(1, settings.hosts + 1)
        for place, lookup in lookups.items()
        for client in ClientType
    ]


def _fill(target: Target, deployment: Deployment, number: int, console: Console) -> list[Wanted]:
    """Customers and products through the primary region's own URL."""
    regional = calls.regional(target, deployment.primary)

    def call(count: int) -> Mapping[str, Any]:
        answer = regional.send(api.fill(customers=count, products=count))
        if answer.status != 200:
            raise CallError(
                f"POST /fill answered {answer.status}; the drill's orders need it (is fillEnabled false?). "
                f"{api.document(answer.body).get('detail', '')}"
            )
        return api.document(answer.body)

    return fill_pairs(number, call, report=lambda made: console.progress(f"Made {made} of {number} ..."))
