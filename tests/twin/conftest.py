"""A twin for all tests of a session, and one with both stacks deployed into it."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.twin.running import logs, running_twin
from twin.client import TwinClient


@dataclass(frozen=True, kw_only=True)
class DeployedTwin:
    """A twin with both stacks deployed; `outputs` are the stack outputs by stack name."""

    client: TwinClient
    outputs: dict[str, dict[str, Any]]


_homes: list[Path] = []


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwinClient]:
    """A running twin with nothing in it but the hosted zone. Tests name their resources apart."""
    home = tmp_path_factory.mktemp("twin")
    _homes.append(home)
    with running_twin(home) as client:
        yield client


@pytest.fixture(scope="session")
def deployed_twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedTwin]:
    """A running twin with both stacks deployed, once a session."""
    from twin.deploy.run import deploy_stack

    home = tmp_path_factory.mktemp("deployed-twin")
    _homes.append(home)
    with running_twin(home) as client:
        results = {stack: deploy_stack(stack, client, {}) for stack in ("region1", "region2")}
        outputs = {stack: dict(result.outputs) for stack, result in results.items()}
        yield DeployedTwin(client=client, outputs=outputs)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the twins' logs with a test that failed."""
    report = yield
    if report.failed:
        for home in _homes:
            report.sections.append((f"twin in {home}", logs(home)[-20_000:]))
    return report
