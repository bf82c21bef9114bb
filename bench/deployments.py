"""python -m bench.deployments: how long Pulumi's real engine takes on the twin, by number of regions.

For each number of regions, a fresh twin; the primary's stack and one secondary, previewed, made, and deployed
again unchanged. Times are whole commands, the start of Python included. They say nothing about AWS's own
times, which are minutes, but what the program and the engine add to them, and how stacks grow.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from twin.client import TwinClient
from twin.deploy.engine.backend import kept_resources
from twin.deploy.engine.run import Action, engine
from twin.deploy.errors import DeployError

RESULT = Path("results") / "bench-deployments.json"
OBSERVER = "us-east-2"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1")
STACKS = ("region1", "region2")
_PORT_BASE = 31800


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One stack in a deployment of so many regions; seconds of whole commands."""

    regions: int
    stack: str
    resources: int
    first_preview: float
    first_up: float
    unchanged_preview: float
    unchanged_up: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write the result."""
    parser = argparse.ArgumentParser(prog="python -m bench.deployments", description=__doc__)
    parser.add_argument(
        "--regions", type=int, nargs="+", default=[2, 3, 5], choices=range(2, len(REGIONS) + 1)
    )
    parser.add_argument("--result", type=Path, default=RESULT, help=f"where it goes (default {RESULT})")
    options = parser.parse_args(arguments)
    try:
        measured = [one for count in options.regions for one in measure(count)]
    except DeployError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(table(measured))
    options.result.parent.mkdir(parents=True, exist_ok=True)
    options.result.write_text(json.dumps([asdict(one) for one in measured], indent=2) + "\n")
    print(f"Written to {options.result}.")
    return 0


def measure(count: int) -> Iterator[Measured]:
    """Both stacks of a deployment in `count` regions."""
    regions = REGIONS[:count]
    stacks = {f"region{number}": region for number, region in enumerate(regions, start=1)}
    with _twin([*regions, OBSERVER]) as twin:
        for stack in STACKS:

            def seconds(action: Action, stack: str = stack) -> float:
                started = time.perf_counter()
                engine(action, stack, twin, overrides={"stacks": json.dumps(stacks)}, quiet=True)
                return time.perf_counter() - started

            first_preview, first_up = seconds("preview"), seconds("up")
            resources = kept_resources(twin.home, "resilient-orders", stack)
            yield Measured(
                regions=count,
                stack=stack,
                resources=sum(resource["type"].startswith("aws:") for resource in resources),
                first_preview=first_preview,
                first_up=first_up,
                unchanged_preview=seconds("preview"),
                unchanged_up=seconds("up"),
            )


@contextmanager
def _twin(regions: Sequence[str]) -> Iterator[TwinClient]:
    with tempfile.TemporaryDirectory(prefix="bench-twin-") as home:
        command = [sys.executable, "-m", "twin"]
        place = ["--home", home]
        up = ["up", "--detach", *place, "--regions", ",".join(regions), "--owner-pid", str(os.getpid())]
        subprocess.run([*command, *up, "--port-base", str(_PORT_BASE)], check=True, stdout=subprocess.DEVNULL)
        try:
            yield TwinClient.from_home(home)
        finally:
            subprocess.run([*command, "down", *place], check=False, stdout=subprocess.DEVNULL)


def table(measured: Sequence[Measured]) -> str:
    """As Markdown, for the documentation."""
    lines = [
        "| regions | stack | resources | first preview | first up | unchanged preview | unchanged up |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {m.regions} | {m.stack} | {m.resources} | {m.first_preview:.1f} s | {m.first_up:.1f} s | "
        f"{m.unchanged_preview:.1f} s | {m.unchanged_up:.1f} s |"
        for m in measured
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
