"""Which tests one of pytest-xdist's workers runs together: a whole file, and all that use deployed twins.

Each worker has session fixtures of its own, so a twin that tests on two workers use would be started, and
deployed into, twice. By files and not by fixtures, since this decides in the process that hands tests out,
which only sees their names (xdist's groups by marks have no effect under pytest 9.2). Loaded by
tests/conftest.py; without workers it is not asked.
"""

from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[2]
ALL_DEPLOYED = "tests/acceptance/"
FIXTURES = ("deployed_twin", "strong_twin")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Called by pytest-xdist."""
    return _ByTwin(config, log)


class _ByTwin(LoadScopeScheduling):  # type: ignore[misc]  # untyped as imported
    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.split("::")[0])


@cache
def group(file: str) -> str:
    """The group of a test file; `file` is relative to the repository."""
    if file.startswith(ALL_DEPLOYED):
        return "deployed"
    text = (ROOT / file).read_text(encoding="utf-8")
    return "deployed" if any(fixture in text for fixture in FIXTURES) else file
