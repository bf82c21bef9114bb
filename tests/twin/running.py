"""Starts twins for tests: on free ports, in a home of their own, always stopped, their log kept."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from twin.client import TwinClient
from twin.home import Home
from twin.net.ports import Ports
from twin.settings import ARC_ENDPOINT_REGIONS, DEFAULT_REGIONS

PROJECT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0


def free_port_base() -> int:
    """A port base all of whose TCP ports are free now; several twins may run on one machine."""
    for _ in range(200):
        base = random.randrange(10000, 32000, 110)
        if all(_is_free(host, port) for host, port in _addresses(base)):
            return base
    raise RuntimeError("no free range of ports found")


def _addresses(base: int) -> list[tuple[str, int]]:
    ports = Ports(base=base, regions=DEFAULT_REGIONS)
    common = [ports.admin, ports.dns, ports.endpoint, ports.provider]
    arc = [ports.arc_endpoint(number) for number in range(1, len(ARC_ENDPOINT_REGIONS) + 1)]
    regional = [a for r in DEFAULT_REGIONS for a in (ports.region_http(r), ports.region_https(r))]
    return [(address.host, address.port) for address in (*common, *arc, *regional)]


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def clean_environment() -> dict[str, str]:
    """This process's environment without anything that steers AWS clients or twins."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TWIN_"))}


@contextmanager
def running_twin(
    home: Path, options: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[TwinClient]:
    """A twin in a process of its own; yields its client when it is ready."""
    command = [sys.executable, "-m", "twin", "up", "--home", str(home), "--owner-pid", str(os.getpid())]
    home.mkdir(parents=True, exist_ok=True)
    output = home / "up.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port-base", str(free_port_base()), *options],
            cwd=PROJECT,
            env={**clean_environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield _wait_until_ready(process, home, output)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _wait_until_ready(process: "subprocess.Popen[bytes]", home: Path, output: Path) -> TwinClient:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        description = Home(home).description()
        if description is not None and description["pid"] == process.pid:
            return TwinClient(description)
        time.sleep(0.05)
    raise RuntimeError(f"the twin did not start:\n{output.read_text(errors='replace')}")


def logs(home: Path) -> str:
    """What a twin printed and logged."""
    files = [home / "up.log", Home(home).log_file]
    return "\n".join(f"--- {file}\n{file.read_text(errors='replace')}" for file in files if file.exists())
