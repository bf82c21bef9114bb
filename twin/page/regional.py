"""What the page shows of a region's alarms, canaries and dashboards, as its AWS APIs tell it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from twin.page.alarm_rows import alarm_rows, seconds
from twin.page.clients import Clients, words

Json = dict[str, Any]

RUNS_SHOWN = 20
EVERY_REGION = "every"


@dataclass(kw_only=True)
class _Told:
    """What a region said last about one subject, and why it says nothing now."""

    rows: list[Json] = field(default_factory=list)
    problem: str | None = None


class Regional:
    """For one thread at a time. A region that does not answer keeps what it said last.

    `minute` is how many seconds a minute of the twin's alarms has, `now` gives seconds since the epoch.
    """

    def __init__(
        self, clients: Clients, *, minute: float = 60.0, now: Callable[[], float] = time.time
    ) -> None:
        self._clients = clients
        self._minute = minute
        self._now = now
        self._told: dict[tuple[str, str], _Told] = {}
        self._runs: dict[tuple[str, str], tuple[str, list[Json]]] = {}

    def ask(self, region: str) -> None:
        """Ask a region that is up for everything."""
        self._learn(region, "alarms", self._alarms)
        self._learn(region, "canaries", self._canaries)

    def told(self, subject: str, regions: Iterable[str]) -> Json:
        """All rows about a subject, each with its region, and the problems by region."""
        known = {region: self._told.get((region, subject), _Told()) for region in regions}
        return {
            "rows": [{**row, "region": region} for region, told in known.items() for row in told.rows],
            "problems": {region: told.problem for region, told in known.items() if told.problem},
        }

    def dashboards(self, up: list[str]) -> tuple[list[str], Json]:
        """The names of all dashboards, and why the region that was asked for them does not say."""
        if up:
            # Every region knows all of them, so what another one said before is as good.
            self._learn(EVERY_REGION, "dashboards", lambda _: self._dashboards(up[0]))
        told = self._told.get((EVERY_REGION, "dashboards"), _Told())
        return [row["name"] for row in told.rows], {up[0]: told.problem} if told.problem and up else {}

    def dashboard_body(self, region: str, name: str) -> str:
        """The body of a dashboard. Raises ClientError or BotoCoreError."""
        found = self._clients.of("cloudwatch", region).get_dashboard(DashboardName=name)
        return str(found["DashboardBody"])

    def _learn(self, region: str, subject: str, ask: Callable[[str], list[Json]]) -> None:
        told = self._told.setdefault((region, subject), _Told())
        try:
            told.rows, told.problem = ask(region), None
        except (ClientError, BotoCoreError) as error:
            told.problem = words(error)

    def _alarms(self, region: str) -> list[Json]:
        pages = self._clients.of("cloudwatch", region).get_paginator("describe_alarms")
        metric: list[Mapping[str, Any]] = []
        composite: list[Mapping[str, Any]] = []
        for page in pages.paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
            metric += page.get("MetricAlarms", ())
            composite += page.get("CompositeAlarms", ())
        return list(alarm_rows(metric, composite, now=self._now(), minute=self._minute))

    def _dashboards(self, region: str) -> list[Json]:
        pages = self._clients.of("cloudwatch", region).get_paginator("list_dashboards").paginate()
        return [{"name": entry["DashboardName"]} for page in pages for entry in page["DashboardEntries"]]

    def _canaries(self, region: str) -> list[Json]:
        client = self._clients.of("synthetics", region)
        found = _all(client.describe_canaries_last_run, "CanariesLastRun")
        last_runs = {last["CanaryName"]: last.get("LastRun") or {} for last in found}
        # Those that never ran are not among them.
        names = [canary["Name"] for canary in _all(client.describe_canaries, "Canaries")]
        return [self._canary(client, region, name, last_runs.get(name, {})) for name in names]

    def _canary(self, client: Any, region: str, name: str, run: Mapping[str, Any]) -> Json:
        """Its last run, and the ones before, which are asked for when there is a new one."""
        identity = f"{run.get('Id')} {run.get('Status', {}).get('State')}"
        known, runs = self._runs.get((region, name), ("", []))
        if run and known != identity:
            runs = [row for found in self._earlier(client, name) if (row := run_row(found))]
            self._runs[region, name] = (identity, runs)
        return {"name": name, "last": run_row(run), "runs": runs}

    def _earlier(self, client: Any, name: str) -> list[Json]:
        try:
            return list(client.get_canary_runs(Name=name, MaxResults=RUNS_SHOWN)["CanaryRuns"])
        except (ClientError, BotoCoreError):
            return []


def _all(operation: Callable[..., Json], member: str) -> Iterator[Json]:
    token: Json = {}
    while True:
        answer = operation(**token)
        yield from answer.get(member, ())
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def run_row(run: Mapping[str, Any]) -> Json | None:
    """A canary's run; None when there was none."""
    if not run:
        return None
    status, timeline = run.get("Status", {}), run.get("Timeline", {})
    return {
        "state": status.get("State", "RUNNING"),
        "reason": status.get("StateReason", ""),
        "started": seconds(timeline.get("Started")),
        "completed": seconds(timeline.get("Completed")),
    }
