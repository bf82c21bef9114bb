"""Every test starts from the same environment: no credentials, region or endpoint of the person who runs."""

import gc
import os
import sys
from pathlib import Path

import pytest

# Python looks for garbage after 700 new objects; programs under mocks make 100,000, and a third of their time
# would go into looking.
gc.set_threshold(50_000, 50, 100)

pytest_plugins = ["tests.fakes.twin_fixtures", "tests.fakes.twin_groups"]

# Kept: what says which certificates this machine trusts to reach the package registries.
_KEPT = {"AWS_CA_BUNDLE"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove AWS_*, PULUMI_* and TWIN_* variables, so that no test reaches anything by accident."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "PULUMI_", "TWIN_")) and name not in _KEPT:
            monkeypatch.delenv(name)
    # As in an active environment: messages say `python`, and not where this one is.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    # An Output used as text becomes an error instead of a wrong name or policy.
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line when tests did not run for want of a tool: a quiet skip would look like a pass."""
    for folder, what, remedy in (
        ("tests/browser/", "BROWSER TESTS", "apt-get install chromium chromium-driver"),
        ("tests/provider/", "TESTS WITH THE REAL AWS PROVIDER", "see tests/provider/__init__.py"),
    ):
        skipped = [r for r in terminalreporter.stats.get("skipped", []) if r.nodeid.startswith(folder)]
        if skipped:
            words = f"{len(skipped)} {what} DID NOT RUN: {skipped[0].longrepr[2]}"
            terminalreporter.write_line(f"{words} ({remedy})", red=True, bold=True)
