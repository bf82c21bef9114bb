"""Both sets of requirements are pinned, and the smaller one holds the same versions as the larger."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)")


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [_PIN.match(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return {pin["name"].lower(): pin["version"] for pin in found if pin}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert [
        line for line in lines if line.strip() and not line.startswith("#") and not _PIN.match(line)
    ] == []


def test_what_a_deployment_runs_on_is_what_the_tests_run_on() -> None:
    tested = pins("requirements-dev.txt")
    assert {
        name: version for name, version in pins("requirements.txt").items() if tested.get(name) != version
    } == {}
