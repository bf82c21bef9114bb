"""The deployed canaries' last runs, in the stacks' regions and in the observer's."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from blueprint import output_names as names
from ops.aws_errors import explained
from ops.deployed.deployment import Outputs
from ops.deployed.target import Target

PASSED: Final = "PASSED"
FAILED: Final = "FAILED"
NEVER: Final = "NEVER"


@dataclass(frozen=True, kw_only=True)
class CanaryRun:
    """`state` is PASSED, FAILED or RUNNING, or NEVER of one that has not run; `why` it failed."""

    stack: str
    region: str
    name: str
    state: str
    why: str = ""


def last_runs(
    target: Target, outputs: Mapping[str, Outputs], *, regions: Collection[str] | None = None
) -> list[CanaryRun]:
    """The last run of every canary in `regions` (all by default), sorted by name."""
    found = [
        run
        for stack, values in outputs.items()
        for region in _regions(values)
        if regions is None or region in regions
        for run in _in_region(target, stack, values, region)
    ]
    return sorted(found, key=lambda run: run.name)


def _regions(values: Outputs) -> set[str]:
    """The stack's own region and the observer's: those that have an alarm topic of the stack."""
    return {values[names.REGION], *(values.get(names.ALARM_TOPIC_ARNS) or {})}


def _in_region(target: Target, stack: str, values: Outputs, region: str) -> Iterator[CanaryRun]:
    wanted = list(values.get(names.CANARY_NAMES) or ())
    if not wanted:
        return
    client = target.client("synthetics", region)
    with explained(f"read the canaries in {region}"):
        choice = client.describe_canaries(Names=wanted)["Canaries"]
        runs = client.describe_canaries_last_run(Names=wanted)["CanariesLastRun"]
    last: Mapping[str, Mapping[str, Any]] = {run["CanaryName"]: run["LastRun"]["Status"] for run in runs}
    for canary in choice:
        status = last.get(canary["Name"], {})
        yield CanaryRun(
            stack=stack,
            region=region,
            name=canary["Name"],
            state=status.get("State", NEVER),
            why=status.get("StateReason", ""),
        )
