"""`drill`: move traffic off a region and back, and measure what clients noticed."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from random import SystemRandom
from typing import Any

from ops.command import Command, at_least_one, count, not_negative, positive
from ops.console import Console, Outcome
from ops.deployed.answering import Answers, likely_caller
from ops.deployed.deployment import Deployment
from ops.deployed.options import Place, add_target, place
from ops.deployed.target import AWS
from ops.drill.report.summary import summary
from ops.drill.settings import Bounds, DrillSettings, Scenario
from ops.errors import CallError, MisuseError, RefusedError
from ops.net.transport import Address

RESULTS = Path("results")
DNS_PORT = 53


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        choices=[s.value for s in Scenario],
        default=Scenario.EVACUATE.value,
        help="evacuate a healthy region, or kill it first (twin only); default: %(default)s",
    )
    parser.add_argument("--region", help="the region to move traffic off (default: the primary's)")
    parser.add_argument(
        "--rate", type=positive, default=20.0, help="requests a second in all (default: %(default)g)"
    )
    parser.add_argument(
        "--switch-after",
        type=positive,
        default=10.0,
        metavar="S",
        help="seconds of steady traffic before the switch, or the kill (default: %(default)g)",
    )
    parser.add_argument(
        "--duration",
        type=positive,
        metavar="S",
        help="seconds of traffic in all (default: each phase ends when every client has moved)",
    )
    parser.add_argument(
        "--reaction",
        type=not_negative,
        default=5.0,
        metavar="S",
        help="in an outage, seconds from the kill until the operator switches (default: %(default)g)",
    )
    parser.add_argument(
        "--ttl", type=positive, metavar="S", help="keep DNS answers so long, whatever TTL they carry"
    )
    parser.add_argument(
        "--pool-age",
        type=positive,
        metavar="S",
        help="renew kept connections after so many seconds (default: the DNS TTL)",
    )
    parser.add_argument(
        "--hosts",
        type=at_least_one,
        default=2,
        metavar="N",
        help="client hosts of each type near each region (default: %(default)d)",
    )
    parser.add_argument("--seed", type=count, help="make the hosts' cache ages repeatable")
    parser.add_argument(
        "--client-subnet",
        action="append",
        type=_subnet,
        default=[],
        metavar="REGION=CIDR",
        help="ask DNS as a client in this network, near this region (EDNS Client Subnet); may be repeated",
    )
    parser.add_argument(
        "--resolver",
        type=_server,
        metavar="IP[:PORT]",
        help="the DNS server that clients ask (default: the twin's, or this host's)",
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, metavar="DIR", help="where to write (default: %(default)s)"
    )
    parser.add_argument(
        "--confirm-domain",
        metavar="NAME",
        help="the domain name, given beforehand where nobody is there to type it",
    )
    _add_bounds(parser)
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    return drill(place(arguments), arguments, console)


def drill(
    here: Place, arguments: Namespace, console: Console, *, alarm: Callable[[], bool] | None = None
) -> Outcome:
    """Run it on a deployed system; `alarm` tells the operator of an outage when to switch (see World)."""
    if here.target.name == AWS and arguments.scenario == Scenario.OUTAGE.value:
        raise MisuseError(
            "--scenario outage kills a region, which only the twin can do. On AWS, rehearse with --scenario"
            " evacuate, or break the region with AWS Fault Injection Service and switch with: controls"
            " off REGION"
        )
    # Imported here: they need packages (DNS) that moving traffic must not depend on.
    from ops.drill.make_world import make_world
    from ops.drill.report.files import run_drill

    deployment = here.known()
    settings = read_settings(arguments, deployment)
    _refuse_silence(likely_caller(here.target, deployment, deployment.regions, here.told))
    if here.target.name == AWS or arguments.confirm_domain is not None:
        confirm(deployment.domain_name, settings, console, given=arguments.confirm_domain)
    result, folder = run_drill(
        settings,
        lambda clock: replace(
            make_world(
                here.target,
                deployment,
                settings,
                console,
                clock=clock,
                subnets=dict(arguments.client_subnet),
                servers=[arguments.resolver] if arguments.resolver else here.target.name_servers(),
            ),
            alarm=alarm,
        ),
        console,
        arguments.results,
    )
    return Outcome(data=result, text=f"{summary(result)}\n\n{_files(folder)}", ok=bool(result["ok"]))


def _refuse_silence(answers: Answers) -> None:
    """A drill moves customers from one region to another and counts the orders in both: it needs them all."""
    if answers.silent:
        raise CallError(
            f"{', '.join(answers.silent)} did not answer: a drill would move customers to a region that is"
            " down, or could not count its orders. No traffic was moved. In an outage: python -m ops"
            f" controls off {next(iter(answers.silent))}"
        )


def read_settings(arguments: Namespace, deployment: Deployment) -> DrillSettings:
    """The options as the drill wants them; DeploymentError for a region without a stack."""
    region = deployment.stack_in(arguments.region).region if arguments.region else deployment.primary.region
    if len(deployment.stacks) < 2:
        raise MisuseError(f"Only {region} is deployed; a drill needs a second region to take its traffic.")
    if arguments.duration is not None and arguments.duration <= arguments.switch_after:
        raise MisuseError(
            f"--duration {arguments.duration:g} ends before the switch at {arguments.switch_after:g} s."
        )
    return DrillSettings(
        scenario=Scenario(arguments.scenario),
        region=region,
        rate=arguments.rate,
        switch_after=arguments.switch_after,
        reaction=arguments.reaction,
        duration=arguments.duration,
        ttl=arguments.ttl,
        pool_age=arguments.pool_age,
        hosts=arguments.hosts,
        seed=arguments.seed if arguments.seed is not None else SystemRandom().randrange(1_000_000),
        bounds=Bounds(
            max_rto_fresh=arguments.max_rto_fresh,
            max_rto_pooled=arguments.max_rto_pooled,
            max_lost=arguments.max_lost,
            max_failed=arguments.max_failed,
            max_sold_twice=arguments.max_sold_twice,
            max_lag_deviation=arguments.max_lag_deviation,
        ),
    )


def confirm(domain: str, settings: DrillSettings, console: Console, *, given: str | None = None) -> None:
    """RefusedError unless the operator types the domain name, or has given it beforehand."""
    what = (
        f"This moves the customers of {domain} off {settings.region} and back, and sends"
        f" {settings.rate:g} synthetic requests a second."
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


def _add_bounds(parser: ArgumentParser) -> None:
    bounds = parser.add_argument_group("bounds", "the exit status is 1 when one of them is broken")
    bounds.add_argument(
        "--max-rto-fresh", type=not_negative, metavar="S", help="RTO of fresh clients, switch and way back"
    )
    bounds.add_argument(
        "--max-rto-pooled", type=not_negative, metavar="S", help="RTO of pooled clients, switch and way back"
    )
    bounds.add_argument(
        "--max-lost", type=count, metavar="N", help="acknowledged orders that some region lacks after healing"
    )
    bounds.add_argument("--max-failed", type=count, metavar="N", help="failed requests")
    bounds.add_argument("--max-sold-twice", type=count, metavar="N", help="products sold twice")
    bounds.add_argument(
        "--max-lag-deviation",
        type=not_negative,
        metavar="SHARE",
        help="deviation of the measured lag's p50 from the configured one, such as 0.2",
    )


def _subnet(text: str) -> tuple[str, str]:
    region, _, network = text.partition("=")
    try:
        return region, str(ip_network(network))
    except ValueError:
        raise ArgumentTypeError(f"write it as us-east-1=192.0.2.0/24, not {text!r}") from None


def _server(text: str) -> Address:
    host, _, port = text.partition(":")
    try:
        return Address(host=str(ip_address(host)), port=int(port or DNS_PORT))
    except ValueError:
        raise ArgumentTypeError(f"write it as 192.0.2.53 or 192.0.2.53:53, not {text!r}") from None


def _files(folder: Path) -> str:
    names: Mapping[str, Any] = {
        "result.json": "the numbers",
        "ledger.jsonl": "every request",
        "timeline.svg": "the picture",
        "report.html": "picture and summary",
    }
    return "\n".join(f"{words:20} {folder / name}" for name, words in names.items())


COMMAND = Command(
    name="drill",
    summary="move traffic off a region and back, and measure it",
    description=(
        "Send orders through the domain name from clients near each region, move all traffic off one"
        " region and"
        " back again, and measure: recovery time by client type, failed requests, orders missing in the"
        " survivor at"
        " the switch, replication lag, and, by reading every region's tables afterwards, orders lost and"
        " products"
        " sold twice. fresh clients connect anew for each request through a cache that honours the TTL;"
        " pooled ones"
        " keep connections and renew them. The routing controls are put back as they were found, also"
        " after Ctrl-C."
        " On AWS it asks for the domain name first, or takes it from --confirm-domain."
    ),
    configure=configure,
    run=run,
)
