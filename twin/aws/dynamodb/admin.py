"""Replication in the administration API: what it does now, its links and its parameters."""

from collections.abc import Mapping
from typing import Any

from twin.admin import AdminError
from twin.aws.dynamodb.consistency import StrongTables
from twin.aws.dynamodb.replication import SENT_SHARE, Lag, Replication
from twin.core import Core, Json
from twin.errors import SettingsError


def install(core: Core, replication: Replication, strong: StrongTables) -> None:
    """Add `GET /_twin/replication`, `POST /_twin/links` and `POST /_twin/strong`."""
    regions = core.settings.regions

    def report() -> Json:
        statistics: Json = replication.statistics()
        return statistics | {
            "sent_share": SENT_SHARE,
            "default_lag": {
                "p50": core.settings.replication_lag_p50,
                "p99": core.settings.replication_lag_p99,
            },
            "strong_round_trip_seconds": strong.round_trip,
        }

    async def show(path: Mapping[str, str], body: Json) -> Json:
        del path, body
        return report()

    async def change_link(path: Mapping[str, str], body: Json) -> Json:
        del path
        source, target = _region(body, "from", regions), _region(body, "to", regions)
        if source == target:
            raise AdminError(400, f"a link has two different regions, not {source} twice")
        lag = _lag(body)
        cut = body.get("cut")
        if cut is not None and not isinstance(cut, bool):
            raise AdminError(400, f"cut must be true or false, not {cut!r}")
        if lag is not None:
            replication.set_lag(source, target, lag)
        if cut is not None:
            replication.set_cut(source, target, cut)
        return report()

    async def change_strong(path: Mapping[str, str], body: Json) -> Json:
        del path
        trip = body.get("round_trip")
        if trip is not None and (isinstance(trip, bool) or not isinstance(trip, int | float) or trip < 0):
            raise AdminError(400, f"round_trip must be a number of seconds or null, not {trip!r}")
        strong.round_trip = trip
        return report()

    core.menders.append(replication.mend)
    core.admin_route("GET", "/_twin/replication", show)
    core.admin_route("POST", "/_twin/links", change_link)
    core.admin_route("POST", "/_twin/strong", change_strong)
    core.status_section("replication", report)


def _region(body: Json, member: str, regions: tuple[str, ...]) -> str:
    region = body.get(member)
    if region not in regions:
        raise AdminError(400, f"{member} must be one of {', '.join(regions)}, not {region!r}")
    return str(region)


def _lag(body: Json) -> Lag | None:
    given: Any = body.get("lag")
    if given is None:
        return None
    try:
        return Lag(p50=float(given["p50"]), p99=float(given["p99"]))
    except (TypeError, KeyError, ValueError):
        raise AdminError(400, 'lag must be like {"p50": 0.8, "p99": 1.2}, in seconds') from None
    except SettingsError as error:
        raise AdminError(400, str(error)) from None
