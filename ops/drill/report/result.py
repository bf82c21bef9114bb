"""A drill's result as one JSON document. Times are seconds of the drill's clock, ages and lags are
seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ops.drill.measure.bounds import BoundVerdict, Measured, verdicts
from ops.drill.measure.ledger import Entry, counts, per_second
from ops.drill.measure.parts import parts
from ops.drill.measure.recovery import Move, Recovery, recovery_by_type
from ops.drill.measure.statistics import Spread
from ops.drill.run import Observed
from ops.drill.settings import DrillSettings
from ops.drill.world import DrilledSystem

RESULT_VERSION = 1
DIGITS = 3

Json = dict[str, Any]


def build(
    settings: DrillSettings,
    world: DrilledSystem,
    entries: Sequence[Entry],
    observed: Observed,
    *,
    started: datetime,
) -> Json:
    """The document; `started` is when the drill's clock was at zero."""
    recoveries = {move.name: recovery_by_type(entries, move, observed.home) for move in observed.moves}
    total = counts(entries)
    verdict = verdicts(
        settings.bounds,
        Measured(
            recoveries=recoveries,
            failed=total["failed"],
            aftermath=observed.aftermath,
            lag=observed.lag.get("all"),
            configured_lag_p50=world.configured_lag_p50,
        ),
    )
    return {
        "resultVersion": RESULT_VERSION,
        "ok": all(v.kept for v in verdict),
        "target": world.target,
        "scenario": settings.scenario.value,
        "region": settings.region,
        "domain": world.domain,
        "startedAt": started.isoformat(timespec="milliseconds"),
        "parameters": _parameters(settings, world),
        "timeline": _timeline(observed, recoveries),
        "rto": {name: {c: _recovery(r) for c, r in by.items()} for name, by in recoveries.items()},
        "rtoParts": {move.name: _parts(move, recoveries[move.name], observed) for move in observed.moves},
        "cacheAgeAtSwitch": {name: _number(age) for name, age in observed.cache_ages.items()},
        "connectionAgesAtSwitch": {
            name: [_number(age) for age in ages] for name, ages in observed.connection_ages.items()
        },
        "requests": dict(total),
        "rpo": {
            "missing": observed.data_loss.missing,
            "oldestAge": _number(observed.data_loss.oldest_age),
            "readTook": _number(observed.data_loss_read_took),
            "orderIds": list(observed.data_loss.order_ids),
        },
        "replicationLag": {
            "configured": {"p50": world.configured_lag_p50, "p99": world.configured_lag_p99},
            "measured": {name: _spread(one) for name, one in observed.lag.items()},
            "reported": dict(observed.replication),
        },
        "orders": _orders(observed),
        "bounds": [_verdict(v) for v in verdict],
        "perSecond": per_second(entries, until=observed.ended),
    }


def _parameters(settings: DrillSettings, world: DrilledSystem) -> Json:
    return {
        "rate": settings.rate,
        "hosts": len(world.hosts),
        "switchAfter": settings.switch_after,
        "reaction": settings.reaction,
        "duration": settings.duration,
        "dnsTtl": world.ttl,
        "poolAge": world.pool_age,
        "seed": settings.seed,
        "regions": list(world.regions),
        world.target: dict(world.parameters),
    }


def _timeline(observed: Observed, recoveries: Mapping[str, Mapping[str, Recovery]]) -> Json:
    times: Json = {
        "killed": _number(observed.killed),
        "noticed": _number(observed.noticed),
        "revived": _number(observed.revived),
    }
    for move in observed.moves:
        seen = recoveries[move.name].values()
        times[move.name] = {
            "sent": _number(move.sent),
            "accepted": _number(move.accepted),
            "firstServedByNew": _absolute(
                move, min((r.first_new for r in seen if r.first_new), default=None)
            ),
            "lastServedByOld": _absolute(move, max((r.last_old for r in seen if r.last_old), default=None)),
        }
    times["ended"] = _number(observed.ended)
    return times


def _absolute(move: Move, after: float | None) -> float | None:
    return None if after is None else _number(move.start + after)


def _parts(move: Move, by_client: Mapping[str, Recovery], observed: Observed) -> Json:
    """Of each client type's RTO."""
    return {
        client: {
            name: _number(seconds)
            for name, seconds in asdict(parts(move, seen.rto, noticed=observed.noticed)).items()
        }
        for client, seen in by_client.items()
    }


def _recovery(seen: Recovery) -> Json:
    return {
        "seconds": _number(seen.rto),
        "firstServedByNew": _number(seen.first_new),
        "lastServedByOld": _number(seen.last_old),
        "lastFailure": _number(seen.last_failure),
        "failed": seen.failed,
        "requests": seen.requests,
        "settled": seen.settled,
    }


def _orders(observed: Observed) -> Json:
    after = observed.aftermath
    return {
        "acknowledged": after.acknowledged,
        "lost": len(after.lost),
        "missingSomewhere": len(after.incomplete),
        "everyAcknowledgedOrderInEveryRegion": after.everywhere,
        "soldTwice": len(after.sold_twice),
        "storedButNotAcknowledged": after.unacknowledged,
        "lostIds": list(after.lost),
        "missingSomewhereIds": list(after.incomplete),
        "productsSoldTwice": {product: list(ids) for product, ids in after.sold_twice.items()},
        "supplyUsedUp": observed.supply_exhausted,
    }


def _verdict(verdict: BoundVerdict) -> Json:
    return {key: _number(v) if isinstance(v, float) else v for key, v in asdict(verdict).items()}


def _spread(spread: Spread | None) -> Json | None:
    if spread is None:
        return None
    return {
        "samples": spread.samples,
        "p50": _number(spread.p50),
        "p99": _number(spread.p99),
        "max": _number(spread.maximum),
    }


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
