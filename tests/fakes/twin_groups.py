"""Which tests belong on one of pytest-xdist's workers: those that share a running twin, and each file whole.

Each worker has session fixtures of its own, so a twin that tests on two workers use is started, and deployed
into, twice. Used with `--dist loadgroup`; without workers it changes nothing. Loaded by tests/conftest.py.
"""

from collections.abc import Sequence

import pytest

# The twin that a test needs, the dearest first, by the names of the fixtures that lead to it. The last is
# chosen by a parameter, which names no fixture beforehand.
_SHARED = (
    ("strong", {"strong_twin", "strong_session", "strong"}),
    ("deployed", {"deployed_twin", "eventual_session", "eventual"}),
)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark every test with its group."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    needed = set(getattr(item, "fixturenames", ()))
    chosen = getattr(item, "callspec", None)
    if chosen is not None:
        needed |= {value for value in chosen.params.values() if isinstance(value, str)}
    for group, fixtures in _SHARED:
        if needed & fixtures:
            return group
    return item.path.name
