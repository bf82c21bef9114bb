"""A drill from start to end: it is checked and confirmed, carried through, and written down.

Needs packages (DNS) that moving traffic must not depend on: commands import it when they run.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ops.console import Console
from ops.deployed.answering import Answers, likely_caller
from ops.deployed.deployment import Deployment
from ops.deployed.options import DeploymentChoice
from ops.deployed.target import AWS
from ops.drill.make_world import make_world
from ops.drill.measure.ledger import Ledger
from ops.drill.report.files import LEDGER, Report, new_folder
from ops.drill.report.result import build
from ops.drill.run import Drill, DrillClock
from ops.drill.settings import DrillSettings, Scenario
from ops.drill.world import DrilledSystem
from ops.errors import CallError, MisuseError, RefusedError
from ops.net.transport import Address


def drill(
    choice: DeploymentChoice,
    deployment: Deployment,
    settings: DrillSettings,
    console: Console,
    *,
    results: Path,
    subnets: Mapping[str, str] = MappingProxyType({}),
    servers: Sequence[Address] = (),
    confirmed: str | None = None,
    alarm: Callable[[], bool] | None = None,
) -> Report:
    """Run it on a deployed system and leave its files in a new folder of `results`.

    `subnets` puts clients near regions, by region; `servers` are the DNS servers that they ask, by default
    the target's. On AWS the operator must type the domain name, unless `confirmed` is it. `alarm` tells the
    operator of an outage when to switch (see World). Raises MisuseError for a drill that cannot be, CallError
    where a region does not answer, RefusedError for a drill that nobody confirmed, and OpsError where it
    could not be carried through.
    """
    check_scenario(choice.target.name, settings.scenario)
    _check(settings, deployment)
    _refuse_silence(likely_caller(choice.target, deployment, deployment.regions, choice.report))
    if choice.target.name == AWS or confirmed is not None:
        confirm(deployment.domain_name, settings, console, given=confirmed)
    clock = DrillClock()
    world = make_world(
        choice.target,
        deployment,
        settings,
        console,
        clock=clock,
        subnets=subnets,
        servers=servers or choice.target.name_servers(),
        alarm=alarm,
    )
    return _record(settings, world, console, clock, results)


def _record(
    settings: DrillSettings, world: DrilledSystem, console: Console, clock: DrillClock, results: Path
) -> Report:
    """Every request is written as it happens, so that the ledger is there when a drill breaks off."""
    folder = new_folder(results, f"{clock.started:%Y%m%dT%H%M%SZ}-{world.target}-{settings.scenario.value}")
    with (folder / LEDGER).open("w", encoding="utf-8") as file:
        ledger = Ledger(file)
        observed = Drill(settings, world, ledger, console, clock=clock).run()
    report = Report(
        folder=folder, result=build(settings, world, ledger.entries(), observed, started=clock.started)
    )
    report.write()
    return report


def check_scenario(target: str, scenario: Scenario) -> None:
    """MisuseError for a scenario that the target cannot play."""
    if target == AWS and scenario.breaks:
        raise MisuseError(
            "--scenario outage kills a region, which only the twin can do. On AWS, rehearse with --scenario "
            "evacuate, or break the region with AWS Fault Injection Service and switch with: python -m ops "
            "controls off REGION"
        )


def _check(settings: DrillSettings, deployment: Deployment) -> None:
    if len(deployment.stacks) < 2:
        raise MisuseError(
            f"Only {deployment.primary.region} is deployed; a drill needs a second region to take its "
            "traffic."
        )
    if settings.duration is not None and settings.duration <= settings.switch_after:
        raise MisuseError(
            f"--duration {settings.duration:g} ends before the switch at {settings.switch_after:g} s."
        )


def _refuse_silence(answers: Answers) -> None:
    """A drill moves customers from one region to another and counts the orders in both: it needs them all."""
    if answers.silent:
        raise CallError(
            f"{', '.join(answers.silent)} did not answer: a drill would move customers to a region that is "
            "down, or could not count its orders. No traffic was moved. In an outage: python -m ops "
            f"controls off {next(iter(answers.silent))}"
        )


def confirm(domain: str, settings: DrillSettings, console: Console, *, given: str | None = None) -> None:
    """RefusedError unless the operator types the domain name, or has given it beforehand."""
    what = (
        f"This moves the customers of {domain} off {settings.region} and back, and sends "
        f"{settings.rate:g} synthetic requests a second."
    )
    if given is None:
        typed = console.typed(f"{what} Type the domain name to go on:")
    else:
        console.note(what)
        typed = given
    if typed != domain:
        raise RefusedError(
            f"{typed!r} is not the domain name ({domain}). No traffic was moved."
            if typed
            else "No domain name was typed. No traffic was moved. Without a terminal: --confirm-domain NAME"
        )
