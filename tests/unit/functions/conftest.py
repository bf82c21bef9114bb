"""A region with its functions, tables in memory, and a clock that only the test moves."""

import pytest

from tests.unit.functions.region import Region


@pytest.fixture
def region() -> Region:
    """An eventually consistent region with one customer and one product in stock."""
    return Region.make(strong=False)


@pytest.fixture
def strong_region() -> Region:
    """The same with strongly consistent tables."""
    return Region.make(strong=True)
