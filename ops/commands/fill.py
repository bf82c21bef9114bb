"""`fill`: make synthetic customers, products and orders through the API."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from ops.client import api
from ops.client.calls import OrdersApi
from ops.client.entrance import add_entrance, open_entrance
from ops.command import Command, count
from ops.console import Console, Outcome
from ops.deployed.options import add_target, place
from ops.drill.clients.supply import FILL_BATCH
from ops.errors import MisuseError

KINDS = ("customers", "products", "orders")


def configure(parser: ArgumentParser) -> None:
    for kind, default in (("customers", 0), ("products", 0), ("orders", 0)):
        parser.add_argument(f"--{kind}", type=count, default=default, metavar="N", help=_HELP[kind])
    add_entrance(parser)
    add_target(parser)


_HELP: Mapping[str, str] = {
    "customers": "how many (default: %(default)s)",
    "products": "how many, all in stock (default: %(default)s)",
    "orders": "how many, each with a sold product of its own (default: %(default)s)",
}


def run(arguments: Namespace, console: Console) -> Outcome:
    wanted = {kind: getattr(arguments, kind) for kind in KINDS}
    if not any(wanted.values()):
        raise MisuseError("Say what to make: --customers N, --products N, --orders N.")
    through = open_entrance(place(arguments, console), arguments, fills=True)
    made: dict[str, list[Any]] = {kind: [] for kind in (*KINDS, "orderRefs")}
    for batch in batches(wanted):
        _fill(through, batch, made)
        console.progress(", ".join(f"{len(made[kind])} of {wanted[kind]} {kind}" for kind in KINDS) + " ...")
    return Outcome(data=made, text="\n".join(_line(kind, made[kind]) for kind in KINDS if wanted[kind]))


def batches(wanted: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """What to ask for in each call: at most FILL_BATCH of a kind."""
    for start in range(0, max(wanted.values()), FILL_BATCH):
        yield {kind: min(FILL_BATCH, max(0, number - start)) for kind, number in wanted.items()}


def _fill(through: OrdersApi, batch: Mapping[str, int], made: dict[str, list[Any]]) -> None:
    answer = through.expect(api.fill(**batch), 200)
    for kind, ids in made.items():
        ids += answer.get(kind, [])


def _line(kind: str, ids: list[str]) -> str:
    shown = ", ".join(ids[:3]) + (" ..." if len(ids) > 3 else "")
    return f"{kind:10} {len(ids):5} made: {shown}"


COMMAND = Command(
    name="fill",
    summary="make synthetic customers, products and orders",
    description=(
        "Make customers, products and orders through the API's own fill, in batches. All of them are marked "
        "Synthetic and removed by `clean --synthetic`. With --json the outcome holds every id."
    ),
    configure=configure,
    run=run,
)
