"""`order`: create one order, or read one."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from ops.client import api
from ops.client.api import new_id
from ops.client.calls import OrdersApi
from ops.client.entrance import add_entrance, open_entrance
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.options import add_target, place
from ops.errors import MisuseError


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("create", "read"), help="create an order, or read one")
    parser.add_argument("--order", metavar="ID", help="its id (default with create: a new ULID)")
    parser.add_argument("--product", metavar="ID", help="the product (default with create: one made for it)")
    parser.add_argument(
        "--customer", metavar="ID", help="with create: who buys (default: a customer made for it)"
    )
    add_entrance(parser)
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    _check(arguments)
    fills = arguments.action == "create" and arguments.customer is None
    through = open_entrance(place(arguments, console), arguments, fills=fills)
    if arguments.action == "read":
        call = api.read_order(order=arguments.order, product=arguments.product)
        return _outcome("read", through.expect(call, 200))
    customer, product = arguments.customer, arguments.product
    if customer is None:
        customer, product = _pair(through)
    call = api.create_order(customer=customer, product=product, order=arguments.order or new_id())
    return _outcome("created", through.expect(call, 200, 201))


def _check(arguments: Namespace) -> None:
    if arguments.action == "read":
        if not (arguments.order and arguments.product):
            raise MisuseError("order read needs --order ID and --product ID: the API asks for both.")
        if arguments.customer:
            raise MisuseError("order read takes no --customer.")
    elif (arguments.customer is None) != (arguments.product is None):
        raise MisuseError("Give both --customer and --product, or neither: then one of each is made.")


def _pair(through: OrdersApi) -> tuple[str, str]:
    made = through.expect(api.fill(customers=1, products=1), 200)
    return made["customers"][0], made["products"][0]


def _outcome(done: str, answer: Mapping[str, Any]) -> Outcome:
    order = {key: value for key, value in answer.items() if key != "msg"}
    lines = [f"Order {done}.", *(f"  {key:12} {value}" for key, value in order.items())]
    return Outcome(data=order, text="\n".join(lines))


COMMAND = Command(
    name="order",
    summary="create an order, or read one",
    description=(
        "Create one order, marked Synthetic, or read one. Creating the same order again is safe: it is one "
        "order in every region. Where neither customer nor product is named, one of each is made first."
    ),
    configure=configure,
    run=run,
)
