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
