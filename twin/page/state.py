"""Everything the page shows, in one answer that all pages share for a second."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from botocore.exceptions import BotoCoreError, ClientError

from twin.admin import AdminError
from twin.core import Core, Json
from twin.net.route53_answers import DnsState, resolve
from twin.page.clients import Clients, words
from twin.page.drawing import drawing, fitting
from twin.page.metric_data import MetricData
from twin.page.regional import Regional
from twin.page.widgets import Dashboard, parse

DECLARED: Final = "declared"
FRESH_SECONDS = 1.0
# What is asked for less often than values are: what is deployed, states that change by the minute.
REGIONAL_SECONDS = 2.5
MAX_RANGE = 24 * 3600
# CloudWatch's periods below a minute, then whole minutes (MetricStat, CloudWatch API reference).
SHORT_PERIODS = (1, 5, 10, 20, 30)


@dataclass(frozen=True, kw_only=True)
class View:
    """What a page looks at: a dashboard (None for the first), a time range and a period.

    `seconds` is None for the part of the declared range that has data, `period` for the declared ones.
    """

    name: str | None = None
    seconds: int | Literal["declared"] | None = None
    period: int | None = None


def view_of(query: Mapping[str, Any]) -> View:
    """Read a query's parameters. Raises AdminError."""
    known = {"dashboard", "seconds", "period"}
    if unknown := sorted(query.keys() - known):
        raise AdminError(
            400, f"no such parameter: {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    period = _whole(query, "period")
    if period is not None and period not in SHORT_PERIODS and (period % 60 or not period):
        short = ", ".join(map(str, SHORT_PERIODS))
        raise AdminError(400, f"period must be {short} or a multiple of 60 seconds, not {period}")
    return View(name=query.get("dashboard"), seconds=_range(query), period=period)


def _range(query: Mapping[str, Any]) -> int | Literal["declared"] | None:
    if query.get("seconds") == DECLARED:
        return DECLARED
    seconds = _whole(query, "seconds")
    if seconds is not None and not 60 <= seconds <= MAX_RANGE:
        raise AdminError(400, f"seconds must be {DECLARED} or between 60 and {MAX_RANGE}, not {seconds}")
    return seconds


def _whole(query: Mapping[str, Any], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise AdminError(400, f"{name} must be a whole number, not {text!r}")
    return int(text)


class PageState:
    """Asks the twin's AWS APIs in a thread, one page at a time, and keeps each answer for a moment."""

    def __init__(self, core: Core, clients: Clients) -> None:
        self._core = core
        self._regional = Regional(clients, minute=core.settings.minute)
        self._data = MetricData(lambda region: clients.of("cloudwatch", region))
        self._bodies: dict[str, str] = {}
        self._asked_regions = float("-inf")
        self._answers: dict[View, tuple[float, Json]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def show(self, view: View) -> Json:
        """What a page that looks at `view` shows now."""
        async with self._one_at_a_time:
            asked, told = self._answers.get(view, (float("-inf"), {}))
            if time.monotonic() - asked >= FRESH_SECONDS:
                up = [region for region in self._core.settings.regions if self._core.outages.is_up(region)]
                told = await asyncio.to_thread(self._told, view, up)
                self._answers = {v: a for v, a in self._answers.items() if v != view and _is_fresh(a[0])}
                self._answers[view] = (time.monotonic(), told)
        return {**self._here(), **told}

    def _here(self) -> Json:
        """What this process knows without asking."""
        core = self._core
        sections = core.status_sections
        return {
            "now": time.time(),
            "hostedZone": core.settings.hosted_zone,
            "regions": [{"name": name, "up": core.outages.is_up(name)} for name in core.settings.regions],
            "arc": sections["arc"](),
            "replication": sections["replication"](),
            "names": list(led_to(core.dns_world(), core.settings.regions)) if core.dns_world else [],
        }

    def _told(self, view: View, up: list[str]) -> Json:
        """What AWS's APIs tell of the regions that are up, and told of the others before."""
        if time.monotonic() - self._asked_regions >= REGIONAL_SECONDS:
            self._asked_regions = time.monotonic()
            for region in up:
                self._regional.ask(region)
        regions = self._core.settings.regions
        names, problems = self._regional.dashboards(up)
        return {
            "alarms": self._regional.told("alarms", regions),
            "canaries": self._regional.told("canaries", regions),
            "dashboards": {"names": names, "problems": problems},
            "dashboard": self._dashboard(view, names, up),
        }

    def _dashboard(self, view: View, names: list[str], up: list[str]) -> Json | None:
        """The dashboard that is looked at, else the first; None when there is none."""
        name = view.name if view.name in names else next(iter(names), None)
        if name is None:
            return None
        problem = None
        # Dashboards are the same in every region (CloudWatch user guide).
        region = next(iter(up), self._core.settings.regions[0])
        if up:
            try:
                self._bodies[name] = self._regional.dashboard_body(region, name)
            except (ClientError, BotoCoreError) as error:
                problem = words(error)
        read = parse(self._bodies.get(name, '{"widgets": []}'), region, period=view.period)
        return {"name": name, "problem": problem, **self._drawn(read, view, up)}

    def _drawn(self, dashboard: Dashboard, view: View, up: list[str]) -> Json:
        declared = min(dashboard.seconds, MAX_RANGE)
        asked = view.seconds if isinstance(view.seconds, int) else declared
        self._data.refresh(dashboard.widgets, asked, up.__contains__)
        now = time.time()
        seconds = asked if view.seconds else fitting(dashboard, self._data, now=now, most=declared)
        return drawing(dashboard, self._data, now=now, seconds=seconds)


def _is_fresh(asked: float) -> bool:
    return time.monotonic() - asked < FRESH_SECONDS


def led_to(world: DnsState, regions: tuple[str, ...]) -> Iterator[Json]:
    """For each name with latency records: the region that DNS leads clients near each region to."""
    records = [record for zone in world.zones for record in zone.records if record.latency_region]
    for name in sorted({record.name for record in records}):
        places = {
            world.aws_address(record.alias.name if record.alias else record.values[0]): record.latency_region
            for record in records
            if record.name == name
        }
        near = {region: resolve(world, name, "A", region) for region in regions}
        yield {
            "name": name,
            "records": sorted(set(filter(None, places.values()))),
            "near": {
                region: places.get(reply.answers[-1].value) if reply.answers else None
                for region, reply in near.items()
            },
        }
