"""The twin as a process: what it listens on, who it says it is, and how it ends."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.twin.running import PROJECT, clean_environment, free_port_base, running_twin
from tests.twin.sockets import listening_sockets
from tests.waiting import until
from twin.client import TwinClient
from twin.errors import NotRunningError
from twin.home import Home, process_is_alive

pytestmark = pytest.mark.twin
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def twin_command(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "twin", arguments[0], "--home", str(home), *arguments[1:]],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@linux
def test_every_socket_is_on_the_loopback_network(twin: TwinClient) -> None:
    found = listening_sockets(twin.description["pid"])
    assert {s.kind for s in found} == {"tcp", "udp"}
    assert [s for s in found if not s.host.startswith("127.0.")] == []


@linux
def test_a_dead_region_has_no_socket_and_a_revived_one_has_all_of_them_again(twin: TwinClient) -> None:
    pid, region = twin.description["pid"], twin.addresses["regions"]["us-west-2"]
    before = listening_sockets(pid)
    twin.kill("us-west-2")
    try:
        gone = before - listening_sockets(pid)
        assert {s.host for s in gone} == {region["dnsAddress"]}
        assert {s for s in listening_sockets(pid) if s.host == region["dnsAddress"]} == set()
    finally:
        twin.revive("us-west-2")
    assert listening_sockets(pid) == before


def test_what_the_twin_leaves_for_its_clients_is_for_its_owner_alone(twin: TwinClient) -> None:
    home = Home(twin.home)
    assert stat.S_IMODE(home.description_file.stat().st_mode) == 0o600
    assert stat.S_IMODE((home.tls / "authority-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) & 0o077 == 0


def test_the_status_shows_every_parameter_and_no_secret(twin: TwinClient) -> None:
    status = twin.status()
    assert {"healthCheckDelaySeconds", "replicationLagP50Seconds", "hostedZone"} <= status[
        "parameters"
    ].keys()
    assert twin.description["secretAccessKey"] not in str(status)


def test_a_detached_twin_starts_once_says_who_it_is_and_goes_down(tmp_path: Path) -> None:
    home, other, base = tmp_path / "home", tmp_path / "other", str(free_port_base())
    started = twin_command(home, "up", "--detach", "--port-base", base)
    assert started.returncode == 0, started.stderr
    assert "twin: ready" in started.stdout
    pid = TwinClient.from_home(home).description["pid"]
    try:
        again = twin_command(home, "up", "--port-base", base)
        conflict = twin_command(other, "up", "--port-base", base)
        exports = twin_command(home, "env")
    finally:
        down = twin_command(home, "down")
    assert again.returncode == 1
    assert "already runs" in again.stderr
    assert str(pid) in again.stderr
    assert conflict.returncode == 1
    for part in (f"pid {pid}", "-m twin up", "since 20", f"home {home}", "--port-base"):
        assert part in conflict.stderr
    assert "Traceback" not in conflict.stderr + again.stderr
    assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{int(base) + 6}" in exports.stdout
    assert down.returncode == 0, down.stderr
    assert not process_is_alive(pid)
    assert not Home(home).description_file.exists()
    assert twin_command(home, "status").returncode == 1


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_twin_in_order(tmp_path: Path, signum: signal.Signals) -> None:
    with running_twin(tmp_path) as client:
        pid = client.description["pid"]
        os.kill(pid, signum)
        os.waitpid(pid, 0)
    assert not Home(tmp_path).description_file.exists()
    assert "twin: stopped" in (tmp_path / "up.log").read_text()


def test_a_killed_twin_leaves_a_home_that_the_next_one_takes_over(tmp_path: Path) -> None:
    with running_twin(tmp_path) as client:
        base, pid = client.addresses["admin"].rpartition(":")[2], client.description["pid"]
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert Home(tmp_path).description_file.exists()
    with pytest.raises(NotRunningError, match="no twin runs"):
        TwinClient.from_home(tmp_path)
    started = twin_command(tmp_path, "up", "--detach", "--port-base", base)
    try:
        assert started.returncode == 0, started.stderr
        assert TwinClient.from_home(tmp_path).status()["pid"] != pid
    finally:
        twin_command(tmp_path, "down")


def test_a_twin_ends_with_the_process_it_belongs_to(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        options = ("--detach", "--port-base", str(free_port_base()), "--owner-pid", str(owner.pid))
        started = twin_command(tmp_path, "up", *options)
        assert started.returncode == 0, started.stderr
        pid = TwinClient.from_home(tmp_path).description["pid"]
    finally:
        owner.kill()
        owner.wait()
    try:
        until(lambda: not process_is_alive(pid), f"the end of process {pid}")
    finally:
        if process_is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    assert not Home(tmp_path).description_file.exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--port-base", "80"), "between 1024 and 65000"),
        (("--regions", "us-east-1,mars"), "not the name of an AWS region: 'mars'"),
        (("--hosted-zone", "no spaces.com"), "not the name of a public hosted zone"),
        (("--lag-p50", "2", "--lag-p99", "1"), "below its p50"),
        (("--owner-pid", "0"), "--owner-pid must be a process id"),
        (("--regions", ""), "not the name of an AWS region: ''"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_in_one_line(
    tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    refused = twin_command(tmp_path, "up", *options)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert reason in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_commands_that_need_a_twin_say_how_to_start_one(tmp_path: Path) -> None:
    for command in ("status", "env", "down", "deploy"):
        found = twin_command(tmp_path, command)
        assert found.returncode == 1
        assert "python -m twin up" in found.stderr


def test_a_home_that_cannot_be_one_is_refused_in_one_line(tmp_path: Path) -> None:
    a_file = tmp_path / "a-file"
    a_file.touch()
    for home in (a_file, a_file / "below", Path("/proc/twin")):
        for options in ((), ("--detach",)):
            refused = twin_command(home, "up", *options)
            assert (refused.returncode, refused.stdout) == (2, "")
            assert f"cannot use the home directory {home}" in refused.stderr
            assert len(refused.stderr.splitlines()) == 1
        assert "no twin runs in" in twin_command(home, "status").stderr


def test_what_would_send_clients_elsewhere_is_taken_out_of_the_environment(tmp_path: Path) -> None:
    """As for a user who is signed in to AWS with a profile, and has an endpoint set for one service."""
    own = {
        "AWS_SESSION_TOKEN": "token",
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://192.0.2.1",
        "no_proxy": "intranet",
    }
    with running_twin(tmp_path):
        printed = subprocess.run(
            [sys.executable, "-m", "twin", "env", "--home", str(tmp_path)],
            cwd=PROJECT,
            env={**clean_environment(), **own},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        left = subprocess.run(
            ["/bin/sh", "-c", f"{printed}\nenv"], env=own, capture_output=True, text=True, check=True
        ).stdout
    names = dict(line.split("=", 1) for line in left.splitlines() if "=" in line)
    assert not names.keys() & {"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL_DYNAMODB"}
    assert names["no_proxy"].endswith(",intranet")


def test_a_fault_that_cannot_be_is_a_wrong_use_of_the_command(twin: TwinClient) -> None:
    for options in (("kill", "mars"), ("slow", "dynamodb"), ("failing", "nothing")):
        found = subprocess.run(
            [sys.executable, "-m", "twin", "fault", *options],
            cwd=PROJECT,
            env={**clean_environment(), "TWIN_HOME": str(twin.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (found.returncode, len(found.stderr.splitlines())) == (2, 1)
