"""`python -m twin env`: print the environment for AWS clients, for the shell's eval.

With --as NAME the keys are of a user who has exactly that name's rights, so that what AWS would refuse is
refused here.
"""

import argparse
import os
import shlex
import sys

from twin.caller import CALLER_VARIABLE
from twin.cli.options import Subparsers, add_home, running_twin
from twin.client import TwinClient
from twin.deploy.engine.workspace import lay_out

# What would send a client elsewhere, or sign with another key than the twin's, in spite of the exports.
_IN_THE_WAY = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    CALLER_VARIABLE,
)
# botocore's AWS_ENDPOINT_URL_DYNAMODB and the like go before AWS_ENDPOINT_URL.
_ONE_SERVICE = "AWS_ENDPOINT_URL_"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("env", help="print shell exports for AWS clients", description=__doc__)
    add_home(parser)
    parser.add_argument(
        "--as",
        dest="caller",
        metavar="NAME",
        help="act as somebody: operator, ci-preview, ci-deploy, ci-drill, a managed policy's name, or an IAM "
        "user's (default: the administrator)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the exports, and unset what would override them."""
    client = _caller(running_twin(arguments), arguments.caller)
    environment = {**client.env, "PATH": str(lay_out(client))}
    of_services = sorted(name for name in os.environ if name.startswith(_ONE_SERVICE))
    print("unset", *_IN_THE_WAY, *of_services)
    if arguments.caller:
        environment[CALLER_VARIABLE] = arguments.caller
        print(f"twin: these are the keys of {arguments.caller}", file=sys.stderr)
    for name, value in environment.items():
        print(f"export {name}={shlex.quote(_with_own(name, value))}")
    return 0


def _caller(client: TwinClient, name: str | None) -> TwinClient:
    if not name:
        return client
    from twin.acting import act_as  # boto3 is slow to import, and other commands do without it

    return act_as(client, name)


def _with_own(name: str, value: str) -> str:
    """The user's own PATH, PYTHONPATH and NO_PROXY stay in force, behind the twin's."""
    paths = {"PATH": os.pathsep, "PYTHONPATH": os.pathsep}
    separator = {**paths, "NO_PROXY": ",", "no_proxy": ","}.get(name)
    if separator is None:
        return value
    ours = value.split(separator)
    own = [part for part in os.environ.get(name, "").split(separator) if part and part not in ours]
    return separator.join([*ours, *own])
