"""A browser for the tests of a file; without one they do not run, and the summary says so."""

from collections.abc import Iterator

import pytest

from tests.browser.browser import Browser, missing, running_browser


@pytest.fixture(scope="module")
def module_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    lacking = missing()
    if lacking:
        pytest.skip(f"no {lacking}")
    with running_browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def browser(module_browser: Browser) -> Iterator[Browser]:
    """A desktop's window; the page must have complained of nothing at the end."""
    module_browser.resize(1280, 900)
    yield module_browser
    complaints = module_browser.console_errors()
    module_browser.open("about:blank")
    assert complaints == []
