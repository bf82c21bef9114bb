"""One twin, both stacks, the real engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.checkout import Checkout
from tests.engine.world import World, host_target
from tests.fakes.twin_fixtures import kept_twin
from twin.deploy.engine.find import program


@pytest.fixture(scope="session")
def engine_program() -> Path:
    """The real Pulumi program."""
    return program()


@pytest.fixture(scope="session")
def world(engine_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A twin of its own; the tests deploy into it, one after the other."""
    checkout = Checkout(tmp_path_factory.mktemp("engine") / "checkout")
    checkout.take_layers(host_target(), host_target())
    with kept_twin(tmp_path_factory.mktemp("engine-twin")) as twin:
        yield World(twin, checkout)
