"""Through which door a command calls the order API: one region's own URL, or the shared name."""

from argparse import ArgumentParser, Namespace

from ops.client import calls
from ops.client.calls import OrdersApi
from ops.deployed.answering import likely_caller
from ops.deployed.options import Place


def add_entrance(parser: ArgumentParser) -> None:
    """`--region` and `--domain`."""
    door = parser.add_mutually_exclusive_group()
    door.add_argument("--region", help="call this region's own URL (default: the primary's)")
    door.add_argument("--domain", action="store_true", help="call the shared name, signed with SigV4a")


def open_entrance(here: Place, arguments: Namespace) -> OrdersApi:
    """The API behind the door that was named; CredentialsError in another account than the deployment's."""
    deployment = here.known()
    stack = deployment.stack_in(arguments.region) if arguments.region else deployment.primary
    asked = (stack.region,) if arguments.region else deployment.regions
    likely_caller(here.target, deployment, asked, here.told)
    if arguments.domain:
        return calls.shared(here.target, deployment)
    return calls.regional(here.target, stack)
