"""`controls`: which region takes traffic, read and changed through the ARC cluster's data plane alone."""

from argparse import ArgumentParser, Namespace

from ops.checks import serving
from ops.command import Command
from ops.console import Console, Outcome
from ops.deployed.deployment import Deployment
from ops.deployed.options import add_target, place, routing_switch
from ops.deployed.target import Target
from ops.errors import MisuseError, RefusedError
from ops.routing.plan import FAILS_OPEN, Plan, States, fails_open, plan_init, plan_off, plan_on
from ops.routing.switch import Reading, change


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=("list", "init", "on", "off"), help="read the states, or change one region's"
    )
    parser.add_argument("region", nargs="?", help="the region whose control to change")
    parser.add_argument(
        "--on",
        metavar="REGION",
        help="with off: switch this region On in the same call, for when no other region is On",
    )
    parser.add_argument(
        "--override-safety-rule",
        action="store_true",
        help="pass over the rule that keeps one region On; asks for the control panel's name",
    )
    parser.add_argument(
        "--yes", action="store_true", help="switch a region On without asking although it does not answer"
    )
    add_target(parser)


def run(arguments: Namespace, console: Console) -> Outcome:
    _check(arguments)
    choice = place(arguments, console)
    deployment = choice.known()
    switch = routing_switch(choice.target, deployment)
    reading = switch.read()
    if arguments.action == "list":
        if fails_open(reading.states):
            console.note(f"Warning: {FAILS_OPEN} Give the traffic to one: python -m ops controls on REGION")
        return _outcome(reading, reading.states)
    plan = plan_for(arguments, reading.states)
    if plan.empty:
        console.note(plan.reason)
        return _outcome(reading, reading.states)
    if not arguments.yes:
        confirm_silent(choice.target, deployment, plan, console)
    if arguments.override_safety_rule:
        confirm_override(reading, console)
    change(switch, plan, console, override=arguments.override_safety_rule)
    return _outcome(reading, {**reading.states, **plan.changes})


def plan_for(arguments: Namespace, states: States) -> Plan:
    """The changes that an action asks for."""
    if arguments.action == "off":
        return plan_off(states, arguments.region, on=arguments.on, override=arguments.override_safety_rule)
    return (plan_on if arguments.action == "on" else plan_init)(states, arguments.region)


def confirm_silent(target: Target, deployment: Deployment, plan: Plan, console: Console) -> None:
    """RefusedError unless the operator agrees to send customers to a region that does not answer."""
    for region in (name for name, on in plan.changes.items() if on):
        seen = serving.problem(target, deployment, region)
        if not seen:
            continue
        console.note(f"Warning: {region} does not serve customers: {seen}")
        question = f"Customers sent there will fail. Type {region} to switch it On all the same:"
        if console.typed(question) != region:
            raise RefusedError(
                f"{region} does not answer and nobody confirmed it. Nothing was changed. Look closer: "
                f"python -m ops smoke --region {region}; without a terminal: --yes"
            )


def confirm_override(reading: Reading, console: Console) -> None:
    """RefusedError unless the operator types the control panel's name."""
    typed = console.typed(
        "This passes over the safety rule: all regions may end up Off, and Route 53 then answers as if "
        "all were "
        f"On. Type the control panel's name ({reading.panel_name}) to go on:"
    )
    if not reading.panel_name or typed != reading.panel_name:
        raise RefusedError("The name typed is not the control panel's. Nothing was changed.")


def _check(arguments: Namespace) -> None:
    if arguments.action == "list":
        if arguments.region or arguments.on or arguments.override_safety_rule or arguments.yes:
            raise MisuseError("controls list takes no region and changes nothing.")
        return
    if arguments.region is None:
        raise MisuseError(f"controls {arguments.action} needs a region, such as us-east-1.")
    if arguments.action != "off" and arguments.on:
        raise MisuseError(f"--on belongs to off; controls {arguments.action} changes one region only.")
    if arguments.action != "off" and arguments.override_safety_rule:
        raise MisuseError("--override-safety-rule belongs to off: no rule keeps a region from being On.")


def _outcome(reading: Reading, states: States) -> Outcome:
    words = {region: "On" if on else "Off" for region, on in states.items()}
    width = max(len(region) for region in words)
    return Outcome(
        data={"controlPanel": reading.panel_name, "states": words, "failsOpen": fails_open(states)},
        text="\n".join(f"{region:{width}}  {state}" for region, state in words.items()),
    )


COMMAND = Command(
    name="controls",
    summary="read or change which regions take traffic",
    description=(
        "Read or change the routing controls. Only the ARC cluster's five endpoints are called, in random "
        "order, the next one after an error or two seconds; on AWS the file that `export` wrote says where "
        "they are, so that neither Pulumi nor a control plane is needed, and its age is printed. The last "
        "region that is On is never switched off unless --on names another one, both in one call. init gives "
        "the traffic to a region when none is On yet. Before a region is switched On, its own URL is asked "
        "for its health; where it does not answer, the command asks, and without a terminal it changes "
        "nothing (--yes: it does). With every control Off, Route 53 answers with every region: list warns, "
        "and off is an error, since it would take no customer away."
    ),
    configure=configure,
    run=run,
)
