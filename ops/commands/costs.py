"""`costs`: what the configured stacks cost, from their files alone."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict

from ops.command import Command, not_negative, positive
from ops.console import Console, Outcome
from ops.costs.bill import HOURS, LOAD_TRANSITIONS, bill, options, total
from ops.costs.prices import read_prices
from ops.costs.report import report
from ops.costs.setup import Usage, setup_of
from ops.deployed.stacks import DEFAULT_STACK, PROJECT, read_config
from ops.errors import MisuseError

LOAD_ORDERS = 1000


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--requests-per-second",
        type=not_negative,
        default=10.0,
        metavar="N",
        help="customers' requests in all regions together (default: %(default)g)",
    )
    parser.add_argument(
        "--creates",
        type=_share,
        default=0.5,
        metavar="SHARE",
        help="of the requests, those that create an order; the others read one (default: %(default)g)",
    )
    parser.add_argument(
        "--milliseconds",
        type=positive,
        default=40.0,
        metavar="MS",
        help="how long a function runs for a request (default: %(default)g)",
    )
    parser.add_argument(
        "--resolvers",
        type=positive,
        default=100.0,
        metavar="N",
        help="DNS resolvers that the clients are behind (default: %(default)g)",
    )
    parser.add_argument(
        "--stored-gb",
        type=not_negative,
        default=1.0,
        metavar="GB",
        help="size of the three tables in one region (default: %(default)g)",
    )
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a configuration value in place of the stack file's (may be repeated)",
    )
    parser.add_argument(
        "--stack",
        default=DEFAULT_STACK,
        metavar="NAME",
        help="one of the stacks; its file is read (default: %(default)s)",
    )


def run(arguments: Namespace, console: Console) -> Outcome:  # noqa: ARG001 - every command is called alike
    setup = setup_of(read_config(arguments.stack, PROJECT, dict(map(_pair, arguments.config))))
    usage = Usage(
        requests_per_second=arguments.requests_per_second,
        creates=arguments.creates,
        milliseconds=arguments.milliseconds,
        resolvers=arguments.resolvers,
        stored_gb=arguments.stored_gb,
    )
    table = read_prices()
    lines, saved = bill(setup, usage, table.prices), options(setup, usage, table.prices)
    load = LOAD_ORDERS * LOAD_TRANSITIONS / 1000 * table.prices["stateTransitions"].usd
    return Outcome(
        data={
            "prices": {"date": table.date, "region": table.region, "note": table.note},
            "setup": asdict(setup),
            "usage": asdict(usage),
            "items": [{**asdict(line), "hour": line.hour} for line in lines],
            "month": total(lines),
            "hour": total(lines) / HOURS,
            "options": [asdict(option) for option in saved],
            "loadGeneratorPer1000Orders": load,
        },
        text=f"{report(lines, saved, table)}\n"
        f"The load generator rests for nothing; {LOAD_ORDERS} orders cost ${load:.2f} and their calls.",
    )


def _share(text: str) -> float:
    value = not_negative(text)
    if value > 1:
        raise ArgumentTypeError(f"must be between 0 and 1, not {text!r}")
    return value


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise MisuseError(f"--config {text}: write it as KEY=VALUE.")
    return key, value


COMMAND = Command(
    name="costs",
    summary="what the configured stacks cost",
    description=(
        "Estimate what the stacks cost in an hour and a month, item by item, for an assumed traffic, and what"
        " each option would save. Works from the stack files and a dated price table (ops/costs/prices.json, "
        "with AWS's price page for each price) alone: no credentials, no network. Prices that could not be "
        "confirmed are marked. AWS's own calculator knows your discounts."
    ),
    configure=configure,
    run=run,
)
