"""The real program under mocks, with small layers instead of built ones."""

from collections.abc import Iterator

import pytest

from tests.fakes import layers
from tests.fakes.pulumi_mocks import Run, run_program


@pytest.fixture(scope="package", autouse=True)
def small_layers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        layers.install(patch, tmp_path_factory.mktemp("layers"))
        yield


@pytest.fixture(scope="package")
def primary(small_layers: None) -> Run:
    """What region1 declares with its own stack file. Shared, so read it only."""
    return run_program("region1")


@pytest.fixture(scope="package")
def secondary(primary: Run) -> Run:
    """What region2 declares on top of that."""
    return run_program("region2", stacks={"region1": primary.exports})


EVERY_OPTION = {
    "readiness": True,
    "manageApiGatewayAccount": True,
    "alarmEmail": "operators@example.com",
    "accountId": "111122223333",
}
"""What switches on everything that is off by default."""


@pytest.fixture(scope="package")
def everything(small_layers: None) -> tuple[Run, ...]:
    """Both stacks with every option on, and those of strong tables. Shared, so read it only."""
    runs = []
    for consistency in ("eventual", "strong"):
        options = {**EVERY_OPTION, "consistency": consistency}
        first = run_program("region1", options)
        runs += [first, run_program("region2", options, stacks={"region1": first.exports})]
    return tuple(runs)
