"""One browser for all tests of the page; without one they do not run, and the summary says so."""

from collections.abc import Iterator

import pytest

from tests.browser.browser import Browser, missing, running_browser


@pytest.fixture(scope="session")
def session_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    lacking = missing()
    if lacking:
        pytest.skip(f"no {lacking}")
    with running_browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def browser(session_browser: Browser) -> Iterator[Browser]:
    """A desktop's window; the page must have complained of nothing at the end."""
    session_browser.resize(1280, 900)
    yield session_browser
    complaints = session_browser.console_errors()
    session_browser.open("about:blank")
    assert complaints == []
