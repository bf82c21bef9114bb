"""Which address a command calls the order API at: one region's own URL, or the shared name."""

from argparse import ArgumentParser, Namespace

from functions.orders.contract import FILL
from ops.client import calls
from ops.client.calls import OrdersApi
from ops.deployed.answering import likely_caller
from ops.deployed.deployment import Stack
from ops.deployed.options import DeploymentChoice
from ops.errors import DeploymentError


def add_entrance(parser: ArgumentParser) -> None:
    """`--region` and `--domain`."""
    door = parser.add_mutually_exclusive_group()
    door.add_argument("--region", help="call this region's own URL (default: the primary's)")
    door.add_argument("--domain", action="store_true", help="call the shared name, signed with SigV4a")


def open_entrance(choice: DeploymentChoice, arguments: Namespace, *, fills: bool = False) -> OrdersApi:
    """The API behind the door that was named; CredentialsError in another account than the deployment's.

    `fills`: /fill is going to be called; DeploymentError where the stack has none.
    """
    deployment = choice.known()
    stack = deployment.stack_in(arguments.region) if arguments.region else deployment.primary
    if fills:
        refuse_without_fill(stack)
    asked = (stack.region,) if arguments.region else deployment.regions
    likely_caller(choice.target, deployment, asked, choice.report)
    if arguments.domain:
        return calls.shared(choice.target, deployment)
    return calls.regional(choice.target, stack)


def refuse_without_fill(stack: Stack) -> None:
    """DeploymentError where a stack has no /fill, which makes what synthetic orders are made of."""
    if FILL not in stack.function_arns:
        raise DeploymentError(
            f"Stack {stack.name} has no /fill: `fillEnabled` is false there, so nothing synthetic can "
            "be made through the API. Order with a customer and a product of your own: "
            "python -m ops order create --customer ID --product ID; or set `fillEnabled` to true and deploy."
        )
