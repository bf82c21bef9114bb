"""Which address a command calls the order API at: one region's own URL, or the shared name."""

from argparse import ArgumentParser, Namespace

from ops.client import calls
from ops.client.calls import OrdersApi
from ops.deployed.answering import likely_caller
from ops.deployed.options import DeploymentChoice


def add_entrance(parser: ArgumentParser) -> None:
    """`--region` and `--domain`."""
    door = parser.add_mutually_exclusive_group()
    door.add_argument("--region", help="call this region's own URL (default: the primary's)")
    door.add_argument("--domain", action="store_true", help="call the shared name, signed with SigV4a")


def open_entrance(choice: DeploymentChoice, arguments: Namespace) -> OrdersApi:
    """The API behind the door that was named; CredentialsError in another account than the deployment's."""
    deployment = choice.known()
    stack = deployment.stack_in(arguments.region) if arguments.region else deployment.primary
    asked = (stack.region,) if arguments.region else deployment.regions
    likely_caller(choice.target, deployment, asked, choice.report)
    if arguments.domain:
        return calls.shared(choice.target, deployment)
    return calls.regional(choice.target, stack)
