"""What messages say to type can be typed as it stands."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ops import cli
from ops.deployed import options
from ops.deployed.stacks import PROJECT
from ops.invocation import fitting, typed
from tests.fakes.arc_endpoints import FakeArcCluster
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both
from twin.invocation import missing

HINT = "Name one: python -m ops controls off A --on B. Or: python -m twin up; python -m pip stays."


def test_in_an_active_environment_a_hint_stays_as_it_is_written() -> None:
    assert fitting(HINT, python="python", target=None) == HINT


def test_without_one_a_hint_names_the_interpreter_that_works() -> None:
    said = fitting(HINT, python=".venv/bin/python", target=None)
    assert ".venv/bin/python -m ops controls off A --on B" in said
    assert ".venv/bin/python -m twin up" in said
    assert " python -m pip stays" in said


def test_a_target_that_was_named_goes_into_the_hint() -> None:
    said = fitting(HINT, python="python", target="aws")
    assert "OPS_TARGET=aws python -m ops controls" in said
    assert "Or: python -m twin up" in said


@pytest.mark.parametrize(
    ("found", "directory", "python"),
    [
        ("/srv/orders/.venv/bin/python", "/srv/orders", "python"),
        ("/usr/bin/python", "/srv/orders", ".venv/bin/python"),
        (None, "/srv/orders", ".venv/bin/python"),
        (None, "/tmp", "/srv/orders/.venv/bin/python"),
    ],
)
def test_the_interpreter_is_named_as_it_can_be_typed_here(
    found: str | None, directory: str, python: str
) -> None:
    assert typed(Path("/srv/orders/.venv/bin/python"), found, Path(directory)) == python


def test_an_interpreter_in_a_folder_with_a_space_can_be_typed() -> None:
    assert typed(Path("/my work/bin/python"), None, Path("/tmp")) == "'/my work/bin/python'"


def test_errors_notes_and_questions_of_a_command_carry_the_target_that_was_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cluster = FakeArcCluster(states={"arn:east": False, "arn:west": False})
    target = FakeTarget(name="aws", deployed=both(), cluster=cluster, exports=tmp_path)
    monkeypatch.setattr(options, "open_target", lambda _: target)
    monkeypatch.delenv("OPS_TARGET", raising=False)
    hint = "OPS_TARGET=aws python -m ops controls on"
    assert cli.main(["controls", "list", "--target", "aws"]) == 0
    assert f"{hint} REGION" in capsys.readouterr().err
    assert cli.main(["controls", "off", "us-east-1", "--target", "aws"]) == 1
    assert f"{hint} us-west-2" in capsys.readouterr().err


def test_a_python_without_the_packages_says_which_one_has_them(tmp_path: Path) -> None:
    assert f"make -C {tmp_path} install" in missing("ops", "botocore", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert f". {python.parent}/activate" in missing("ops", "botocore", tmp_path)


@pytest.mark.parametrize("program", ["ops", "twin"])
def test_without_an_active_environment_there_is_one_line_and_no_trace(program: str) -> None:
    # -I and -S: no site-packages, as in a Python that nobody installed anything into.
    run = f"runpy.run_module({program!r}, run_name='__main__')"
    script = f"import runpy, sys; sys.path.insert(0, {str(PROJECT)!r}); {run}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"{program}: this Python" in done.stderr


@pytest.mark.parametrize("arguments", [("ops", "costs"), ("ops", "--help"), ("twin", "coverage")])
def test_a_reader_that_goes_away_ends_a_command_quietly(arguments: Sequence[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=PROJECT, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode in (0, 1)
