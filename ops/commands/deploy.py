"""`deploy`: preflight, then every stack in waves."""

from argparse import ArgumentParser, Namespace

from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.deployment import describe
from ops.deployed.options import DeploymentChoice, add_target, place
from ops.deployed.target import TwinTarget
from ops.deploying.pulumi_deployer import PulumiDeployer
from ops.deploying.twin_deployer import TwinDeployer
from ops.deploying.waves import Deployer, deploy
from ops.errors import MisuseError


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="let pulumi up go on without asking")
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="on the twin: a configuration value in place of the stack files' (may be repeated)",
    )
    parser.add_argument("--engine", action="store_true", help="on the twin: let Pulumi's real engine do it")
    parser.add_argument(
        "--verbose", action="store_true", help="on the twin: a line for each resource, in a terminal too"
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    choice = place(arguments, console)
    found, done = deploy(choice, deployer(choice, arguments), console)
    return Outcome(
        data={"target": choice.target.name, "done": done, "domainUrl": found.domain_url},
        text=describe(found),
    )


def deployer(choice: DeploymentChoice, arguments: Namespace) -> Deployer:
    """Pulumi on AWS; on the twin, its own run of the program or, with --engine, Pulumi as well."""
    if isinstance(choice.target, TwinTarget):
        overrides = dict(_pair(text) for text in arguments.config)
        return TwinDeployer(
            choice.target.twin, overrides=overrides, engine=arguments.engine, verbose=arguments.verbose
        )
    if arguments.engine or arguments.verbose:
        raise MisuseError("--engine and --verbose are for the twin; on AWS it is always Pulumi that deploys.")
    if arguments.config:
        raise MisuseError("--config is for the twin; on AWS write it into the stack files: pulumi config set")
    return PulumiDeployer(yes=arguments.yes)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise MisuseError(f"--config {text}: write it as KEY=VALUE.")
    return key, value


COMMAND = Command(
    name="deploy",
    summary="deploy every stack in waves",
    description=(
        "Deploy every stack, the primary first. Each is checked on its own URL before it gets traffic; "
        "the first "
        "region is given the traffic before the second one's records exist. Stops at the first failure. "
        "A region "
        "that was deployed before keeps its routing control as it is. The end says which regions have the "
        "traffic, also after a failure. On AWS it runs pulumi up, after "
        "preflight."
    ),
    configure=configure,
    run=run,
)
