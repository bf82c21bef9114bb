"""`drill`: move traffic off a region and back, and measure what clients noticed."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

from ops.command import Command, at_least_one, count, folder, not_negative, positive
from ops.console import Console, Outcome
from ops.deployed.deployment import Deployment
from ops.deployed.options import add_target, place
from ops.drill.settings import Bounds, DrillSettings, Scenario
from ops.net.transport import Address

RESULTS = Path("results")
DNS_PORT = 53


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        choices=[s.value for s in Scenario],
        default=DrillSettings.scenario.value,
        help="evacuate a healthy region, or kill it first (twin only); default: %(default)s",
    )
    parser.add_argument("--region", help="the region to move traffic off (default: the primary's)")
    parser.add_argument(
        "--rate",
        type=positive,
        default=DrillSettings.rate,
        help="requests a second in all (default: %(default)g)",
    )
    parser.add_argument(
        "--switch-after",
        type=positive,
        default=DrillSettings.switch_after,
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
        default=DrillSettings.reaction,
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
        default=DrillSettings.hosts,
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
        "--results", type=folder, default=RESULTS, metavar="DIR", help="where to write (default: %(default)s)"
    )
    parser.add_argument(
        "--confirm-domain",
        metavar="NAME",
        help="the domain name, given beforehand where nobody is there to type it",
    )
    _add_bounds(parser)
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    # Imported here: it needs packages (DNS) that moving traffic must not depend on.
    from ops.drill.drill import check_scenario, drill

    choice = place(arguments, console)
    check_scenario(choice.target.name, Scenario(arguments.scenario))
    deployment = choice.known()
    report = drill(
        choice,
        deployment,
        read_settings(arguments, deployment),
        console,
        results=arguments.results,
        subnets=dict(arguments.client_subnet),
        servers=[arguments.resolver] if arguments.resolver else (),
        confirmed=arguments.confirm_domain,
    )
    return Outcome(data=report.result, text=report.text, ok=report.ok)


def read_settings(arguments: Namespace, deployment: Deployment) -> DrillSettings:
    """The options as the drill wants them; MisuseError for a region without a stack."""
    region = deployment.stack_in(arguments.region).region if arguments.region else deployment.primary.region
    settings = DrillSettings(
        scenario=Scenario(arguments.scenario),
        region=region,
        rate=arguments.rate,
        switch_after=arguments.switch_after,
        reaction=arguments.reaction,
        duration=arguments.duration,
        ttl=arguments.ttl,
        pool_age=arguments.pool_age,
        hosts=arguments.hosts,
        bounds=Bounds(
            max_rto_fresh=arguments.max_rto_fresh,
            max_rto_pooled=arguments.max_rto_pooled,
            max_lost=arguments.max_lost,
            max_failed=arguments.max_failed,
            max_sold_twice=arguments.max_sold_twice,
            max_lag_deviation=arguments.max_lag_deviation,
        ),
    )
    return settings if arguments.seed is None else replace(settings, seed=arguments.seed)


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


COMMAND = Command(
    name="drill",
    summary="move traffic off a region and back, and measure it",
    description=(
        "Send orders through the domain name from clients near each region, move all traffic off one "
        "region and "
        "back again, and measure: recovery time by client type, failed requests, orders missing in the "
        "survivor at "
        "the switch, replication lag, and, by reading every region's tables afterwards, orders lost and "
        "products "
        "sold twice. fresh clients connect anew for each request through a cache that honours the TTL; "
        "pooled ones "
        "keep connections and renew them. The routing controls are put back as they were found, also "
        "after Ctrl-C. "
        "On AWS it asks for the domain name first, or takes it from --confirm-domain."
    ),
    configure=configure,
    run=run,
)
