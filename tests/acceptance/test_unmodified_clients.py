"""A program that signs by itself reaches the service with nothing but what `python -m twin env` prints."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from functions.orders import contract
from tests.acceptance.service import Region, Service
from tests.twin.running import PROJECT, clean_environment
from tests.waiting import until

pytestmark = pytest.mark.twin
CLIENT = Path(__file__).with_name("own_signer.py")
PLACES = ("regional", "shared")
HASHES = ("with payload hash", "without payload hash")


def exports(service: Service) -> str:
    """What a user's shell evaluates."""
    printed = subprocess.run(
        [sys.executable, "-m", "twin", "env", "--home", str(service.twin.home)],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return printed.stdout


def run_client(service: Service, region: Region, query: dict[str, str]) -> dict[str, dict[str, object]]:
    """The client's answers by the way it signed."""
    given = {
        "regional": region.stack.api_url,
        "shared": service.deployment.domain_url,
        "region": region.name,
        "query": urlencode(query),
    }
    # -P: nothing beside the program can be imported by it either.
    command = shlex.join([sys.executable, "-P", str(CLIENT)])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{exports(service)}\nexec {command}"],
        cwd=service.twin.home,
        env={"PATH": os.environ["PATH"]},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {str(found["way"]): found for found in json.loads(done.stdout)}


def settled_region(service: Service) -> str:
    """Where the shared name leads, once DNS has followed what other tests did with the routing controls."""
    delay: float = service.twin.status()["parameters"]["healthCheckDelaySeconds"]
    seen: list[tuple[str, float]] = []

    def is_settled() -> bool:
        region = service.shared_region()
        if not seen or seen[0][0] != region:
            seen[:] = [(region, time.monotonic())]
        return time.monotonic() - seen[0][1] > delay

    until(is_settled, "the shared name leads to one region")
    return seen[0][0]


def test_programs_that_sign_by_themselves_are_served_and_forgers_are_not(eventual: Service) -> None:
    wish = eventual.pair().wish()
    region = eventual.regions[settled_region(eventual)]
    assert region.order(wish).status == 201
    found = run_client(eventual, region, wish.query)

    statuses = {way: answer["status"] for way, answer in found.items()}
    assert statuses == {
        **{
            f"{name} {place} {how}": 200 for name in ("sigv4", "sigv4a") for place in PLACES for how in HASHES
        },
        **{
            f"{name} {place} {how}": 403
            for name in ("forged sigv4a", "sigv4a for another region")
            for place in PLACES
            for how in HASHES
        },
        **{f"sigv4a {place} {how}, another body": 403 for place in PLACES for how in HASHES},
    }
    assert {answer["region"] for answer in found.values()} == {region.name}
    served = [json.loads(str(answer["body"])) for answer in found.values() if answer["status"] == 200]
    assert all(body[contract.ORDER_ID] == wish.order for body in served)
