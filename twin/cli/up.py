"""`python -m twin up`: start the twin, in the foreground or detached."""

import argparse
import asyncio
import logging
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from blueprint.errors import ConfigError
from blueprint.project_files import Project
from twin.cli.options import Subparsers, add_home, home_of
from twin.client import TwinClient
from twin.deploy.project import ROOT, needed_regions
from twin.errors import SettingsError, StartFailedError
from twin.home import Home
from twin.settings import DEFAULT_REGIONS, Settings, port_base

_READY_SECONDS = 60.0
_OPEN_FILES = 8192
_PROJECT = Path(__file__).resolve().parents[2]


def add_parser(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("up", help="start the twin", description=__doc__)
    add_home(parser)
    parser.add_argument(
        "--port-base",
        type=int,
        default=None,
        metavar="N",
        help="first port of some 100 (default: $TWIN_PORT_BASE, else 4560)",
    )
    parser.add_argument(
        "--regions",
        default=None,
        metavar="A,B,C",
        help=f"AWS regions the twin has (default: {','.join(DEFAULT_REGIONS)} and what the stack files name)",
    )
    parser.add_argument(
        "--hosted-zone",
        default=None,
        metavar="NAME",
        help="public hosted zone that exists beforehand (default: the stack files', else example.com)",
    )
    parser.add_argument(
        "--lag-p50",
        type=float,
        default=None,
        metavar="S",
        help="median replication lag in seconds (default: 0.8)",
    )
    parser.add_argument(
        "--lag-p99",
        type=float,
        default=None,
        metavar="S",
        help="99th percentile of the replication lag (default: 1.2)",
    )
    parser.add_argument(
        "--health-check-delay",
        type=float,
        default=None,
        metavar="S",
        help="seconds from a routing control's change to DNS (default: 2)",
    )
    parser.add_argument(
        "--minute",
        type=float,
        default=None,
        metavar="S",
        help="seconds that a minute of canaries' schedules and alarms' periods lasts (default: 60)",
    )
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="make the random lags repeatable")
    parser.add_argument(
        "--single-address", action="store_true", help="use ports of 127.0.0.1 alone, as on macOS"
    )
    parser.add_argument("--detach", action="store_true", help="start in the background and return when ready")
    parser.add_argument(
        "--owner-pid", type=int, default=None, metavar="PID", help="stop when this process is gone"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start; in the foreground it returns when the twin was stopped."""
    settings = _settings(arguments)
    if arguments.detach:
        return _detach(arguments, settings)
    home = Home(settings.home)
    home.create()
    _log_to(home)
    _allow_many_connections()
    from twin.server import Server  # slow to import

    _say(f"twin: starting (home {settings.home}, ports from {settings.port_base})")
    asyncio.run(
        Server(settings, lambda line: _say(f"twin: {line}")).run(
            lambda server: _say(summary(server.status()))
        )
    )
    _say("twin: stopped")
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    named = {
        "port_base": arguments.port_base if arguments.port_base is not None else port_base(),
        "regions": tuple(arguments.regions.split(",")) if arguments.regions is not None else None,
        "hosted_zone": _zone_name(arguments.hosted_zone) if arguments.hosted_zone is not None else None,
        "replication_lag_p50": arguments.lag_p50,
        "replication_lag_p99": arguments.lag_p99,
        "health_check_delay": arguments.health_check_delay,
        "minute": arguments.minute,
        "seed": arguments.seed,
        "single_address": arguments.single_address,
        "owner_pid": arguments.owner_pid,
    }
    if named["owner_pid"] is not None and named["owner_pid"] < 1:
        raise SettingsError(f"--owner-pid must be a process id, not {named['owner_pid']}")
    given = {name: value for name, value in named.items() if value is not None}
    return Settings(home=home_of(arguments), **{**_of_stack_files(), **given})


def _of_stack_files() -> dict[str, Any]:
    """What the project's own stacks need; nothing where their files cannot be used, as a deployment says."""
    try:
        config = Project.at(ROOT).default_config()
    except ConfigError:
        return {}
    regions = tuple(dict.fromkeys([*DEFAULT_REGIONS, *needed_regions(config)]))
    return {"regions": regions, "hosted_zone": config.hosted_zone}


def _zone_name(text: str) -> str:
    return text.rstrip(".").lower()


def _say(line: str) -> None:
    print(line, flush=True)


def _log_to(home: Home) -> None:
    logging.basicConfig(
        filename=home.log_file,
        filemode="w",
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def _allow_many_connections() -> None:
    """Raise the soft limit of open files, 256 on macOS, to what this user may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def summary(status: dict[str, object]) -> str:
    """What a user needs to see of a twin that is ready."""
    addresses: dict[str, object] = status["addresses"]  # type: ignore[assignment]
    regions: dict[str, dict[str, str]] = addresses["regions"]  # type: ignore[assignment]
    lines = [
        f"twin: ready, pid {status['pid']}",
        f"  every region   {addresses['endpoint']}    (AWS_ENDPOINT_URL)",
        *(f"  {name:<14} {where['http']}  {where['https']}" for name, where in regions.items()),
        f"  DNS            {addresses['dns']}",
        f"  page           {addresses['page']}    (regions, routing controls, alarms, canaries, dashboards)",
        '  use it:  eval "$(python -m twin env)"   deploy: python -m twin deploy   stop: python -m twin down',
    ]
    return "\n".join(lines)


def _detach(arguments: argparse.Namespace, settings: Settings) -> int:
    home = Home(settings.home)
    home.create()
    output = home.log / "up.log"
    command = [
        sys.executable,
        "-m",
        "twin",
        "up",
        "--home",
        str(settings.home),
        *_passed_on(arguments, settings),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(_PROJECT), os.environ.get("PYTHONPATH", "")]),
    }
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment
        )
    _wait_until_ready(process, home, output)
    _say(output.read_text(encoding="utf-8").rstrip())
    return 0


def _passed_on(arguments: argparse.Namespace, settings: Settings) -> list[str]:
    options = {
        "--port-base": settings.port_base,
        "--regions": arguments.regions,
        "--hosted-zone": arguments.hosted_zone,
        "--lag-p50": arguments.lag_p50,
        "--lag-p99": arguments.lag_p99,
        "--health-check-delay": arguments.health_check_delay,
        "--minute": arguments.minute,
        "--seed": arguments.seed,
        "--owner-pid": arguments.owner_pid,
    }
    valued = [text for name, value in options.items() if value is not None for text in (name, str(value))]
    return [*valued, *(["--single-address"] if arguments.single_address else [])]


def _wait_until_ready(process: "subprocess.Popen[bytes]", home: Home, output: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        description = home.description()
        if (
            description is not None
            and description["pid"] == process.pid
            and TwinClient(description).answers()
        ):
            return
        if process.poll() is not None:
            raise StartFailedError(_last_line(output))
        time.sleep(0.05)
    process.terminate()
    process.wait(10)
    raise StartFailedError(f"the twin was not ready after {_READY_SECONDS:g} s; its output is in {output}")


def _last_line(output: Path) -> str:
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("twin: ") if lines else f"the twin ended without a word; see {output}"
