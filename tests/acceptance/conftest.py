"""The deployed service, whole before and after each test."""

from collections.abc import Iterator

import pytest

from tests.acceptance.service import SHORT_LAG, Service
from tests.fakes.twin_fixtures import DeployedTwin


@pytest.fixture(scope="session")
def eventual_session(deployed_twin: DeployedTwin) -> Service:
    return warm(deployed_twin)


@pytest.fixture(scope="session")
def strong_session(strong_twin: DeployedTwin) -> Service:
    return warm(strong_twin)


def warm(deployed: DeployedTwin) -> Service:
    service = Service(deployed)
    service.warm_up()
    return service


@pytest.fixture
def eventual(eventual_session: Service) -> Iterator[Service]:
    """Both regions on eventually consistent tables."""
    yield from whole(eventual_session)


@pytest.fixture
def strong(strong_session: Service) -> Iterator[Service]:
    """Both regions on strongly consistent tables."""
    yield from whole(strong_session)


def whole(service: Service) -> Iterator[Service]:
    """Nothing broken before or after; a short lag, so that waiting for it is short too."""
    with service.lag(*SHORT_LAG):
        yield service
        service.mend()


@pytest.fixture(params=["eventual", "strong"])
def service(request: pytest.FixtureRequest) -> Service:
    """Each consistency mode in turn."""
    found: Service = request.getfixturevalue(request.param)
    return found
