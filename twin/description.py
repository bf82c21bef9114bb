"""What a twin tells of itself: twin.json for its clients, the status for everybody, a phrase for messages."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twin.caller import INSTANCE_VARIABLE
from twin.core import Core, Json
from twin.environment import client_environment
from twin.net.ports import Ports
from twin.settings import ARC_ENDPOINT_REGIONS


def command_line() -> str:
    """How this process was started, its interpreter by name."""
    return " ".join([Path(sys.executable).name, *sys.orig_argv[1:]])


def addresses(ports: Ports) -> Json:
    """URLs of every listener."""
    return {
        "admin": f"http://{ports.admin}",
        "page": f"http://{ports.admin}/",
        "endpoint": f"http://{ports.endpoint}",
        "dns": str(ports.dns),
        "arcEndpoints": [
            {"number": number, "region": region, "url": f"https://{ports.arc_endpoint(number)}"}
            for number, region in enumerate(ARC_ENDPOINT_REGIONS, start=1)
        ],
        "regions": {
            region: {
                "http": f"http://{ports.region_http(region)}",
                "https": f"https://{ports.region_https(region)}",
                "dnsAddress": ports.dns_address(region),
                "nearSubnet": ports.near_subnet(region),
            }
            for region in ports.regions
        },
    }


def identity(core: Core, instance: str, started: str) -> Json:
    """Which twin this is."""
    return {
        "instance": instance,
        "pid": os.getpid(),
        "command": command_line(),
        "since": started,
        "home": str(core.home.path),
        "addresses": addresses(core.ports),
    }


def for_clients(core: Core, who: Json, *, access_key: str, secret_key: str) -> Json:
    """The content of twin.json."""
    environment = client_environment(
        core.settings, core.ports, core.home, access_key=access_key, secret_key=secret_key
    )
    return {
        **who,
        "regions": list(core.settings.regions),
        "hostedZone": core.settings.hosted_zone,
        "accountId": core.settings.account_id,
        "accessKeyId": access_key,
        "secretAccessKey": secret_key,
        "environment": {**environment, INSTANCE_VARIABLE: who["instance"]},
    }


def status(core: Core, who: Json) -> Json:
    """State and every parameter, without secrets."""
    settings, outages = core.settings, core.outages
    return {
        **who,
        "regions": {region: _up(outages.is_up(region)) for region in settings.regions},
        "arcEndpoints": {
            str(number): _up(outages.endpoint_is_up(number))
            for number in range(1, len(ARC_ENDPOINT_REGIONS) + 1)
        },
        "faults": [fault.as_json() for fault in core.faults.all()],
        "parameters": {
            "hostedZone": settings.hosted_zone,
            "accountId": settings.account_id,
            "healthCheckDelaySeconds": settings.health_check_delay,
            "replicationLagP50Seconds": settings.replication_lag_p50,
            "replicationLagP99Seconds": settings.replication_lag_p99,
            "minuteSeconds": settings.minute,
            "ownAddresses": core.ports.own_addresses,
            "seed": settings.seed,
        },
        **{name: section() for name, section in core.status_sections.items()},
    }


def phrase(known: Mapping[str, Any]) -> str:
    """Who a twin is, for messages."""
    command, since = known.get("command", "?"), known.get("since", "?")
    return f"pid {known.get('pid', '?')}, {command!r}, since {since}, home {known.get('home', '?')}"


def _up(alive: bool) -> str:
    return "up" if alive else "down"
