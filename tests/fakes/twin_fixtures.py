"""Running twins for every package of tests that needs one; loaded by tests/conftest.py."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.twin.running import logs, running_twin
from twin.acting import act_as
from twin.client import TwinClient

STACKS = ("region1", "region2")
DNS_TTL = 1
"""Of the shared name, in seconds: tests that move traffic wait for it."""

SELDOM_CANARIES = {"canaryRateMinutes": "60"}
"""For stacks whose canaries and alarms no test looks at: each run of a canary is a process."""


@dataclass(frozen=True, kw_only=True)
class DeployedTwin:
    """A twin with both stacks deployed; `outputs` are the stack outputs by stack name.

    `values` is what stood in place of the stack files' configuration.
    """

    client: TwinClient
    values: dict[str, str]
    outputs: dict[str, dict[str, Any]]


_homes: list[Path] = []


@contextmanager
def kept_twin(home: Path, options: Sequence[str] = ()) -> Iterator[TwinClient]:
    """A running twin, started with `options`, whose log is shown with tests that fail."""
    _homes.append(home)
    with running_twin(home, options) as client:
        yield client


@contextmanager
def deployed(home: Path, overrides: Mapping[str, str] | None = None) -> Iterator[DeployedTwin]:
    """A running twin with both stacks deployed; `overrides` go on top of the stacks' configuration.

    They are deployed with the rights of the CI deploy role, so that a missing one fails here.
    """
    from twin.deploy.run import deploy_stack

    with kept_twin(home) as client:
        deployer = act_as(client, "ci-deploy")
        values = {"dnsTtl": str(DNS_TTL), **(overrides or {})}
        results = {stack: deploy_stack(stack, deployer, values, quiet=True) for stack in STACKS}
        yield DeployedTwin(
            client=client,
            values=values,
            outputs={stack: dict(result.outputs) for stack, result in results.items()},
        )


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwinClient]:
    """A running twin with nothing in it but the hosted zone. Tests name their resources apart."""
    with kept_twin(tmp_path_factory.mktemp("twin")) as client:
        yield client


@pytest.fixture(scope="session")
def deployed_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedTwin]:
    """A running twin with both stacks deployed, once a session."""
    with deployed(tmp_path_factory.mktemp("deployed-twin")) as found:
        yield found


@pytest.fixture(scope="session")
def strong_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedTwin]:
    """As `deployed_twin`, with strongly consistent tables."""
    home = tmp_path_factory.mktemp("strong-twin")
    with deployed(home, {"consistency": "strong", **SELDOM_CANARIES}) as found:
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the twins' logs with a test that failed."""
    report = yield
    if report.failed:
        for home in _homes:
            report.sections.append((f"twin in {home}", logs(home)[-20_000:]))
    return report
