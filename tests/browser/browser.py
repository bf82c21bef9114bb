"""A headless Chromium, driven by its own chromedriver over the W3C WebDriver protocol: JSON over HTTP.

Only what the tests need, with nothing to install or to download but Debian's two packages.
"""

import base64
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
CHROMEDRIVER = ("chromedriver",)
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_START_SECONDS = 60.0
_WAIT_SECONDS = 15.0
# No proxy of the environment may stand between this machine and itself.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
T = TypeVar("T")


def missing() -> str | None:
    """What this machine lacks for a browser test; None when it has all."""
    lacking = [names[0] for names in (CHROMIUM, CHROMEDRIVER) if _which(names) is None]
    return " and ".join(lacking) or None


def _which(names: tuple[str, ...]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


class Browser:
    """One page of one browser session."""

    def __init__(self, session_url: str) -> None:
        self._session = session_url

    def open(self, url: str) -> None:
        self._post("url", {"url": url})

    def script(self, text: str, *arguments: Any) -> Any:
        """What a function with this body returns."""
        return self._post("execute/sync", {"script": text, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """As a user: fails when the element is hidden or covered."""
        self._post(f"element/{self._element(selector)}/click", {})

    def press(self, selector: str, keys: str) -> None:
        """Type into an element, which gets the focus."""
        self._post(f"element/{self._element(selector)}/value", {"text": keys})

    def text(self, selector: str) -> str:
        """The text a reader sees in the first such element."""
        return str(self._call("GET", f"element/{self._element(selector)}/text"))

    def count(self, selector: str) -> int:
        return int(self.script("return document.querySelectorAll(arguments[0]).length", selector))

    def until(self, condition: Callable[[], T], what: str) -> T:
        """The first truthy value of `condition`."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            found = condition()
            if found:
                return found
            assert time.monotonic() < deadline, f"{what}: not within {_WAIT_SECONDS:g} s"
            time.sleep(0.05)

    def resize(self, width: int, height: int, *, dark: bool = False) -> None:
        """The size of the view in CSS pixels, down to a phone's, and the reader's colours."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", {"features": [scheme]})

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._call("GET", "screenshot")))

    def console_errors(self) -> list[str]:
        """What the page complained of since the last time it was asked."""
        entries = self._post("se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        return self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def _element(self, selector: str) -> str:
        found = self._post("element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return call(method, f"{self._session}/{path}", body)


def call(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    """A WebDriver command; AssertionError with the driver's words when it fails."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data=data, method=method, headers={"content-type": "application/json"}
    )
    try:
        with _OPENER.open(request, timeout=60) as response:
            return json.load(response)["value"]
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(f"{method} {url}: {error.read().decode()[:600]}") from None


@contextmanager
def running_browser(home: Path) -> Iterator[Browser]:
    """A browser with a profile of its own, closed afterwards with its driver."""
    log = home / "chromedriver.log"
    driver = _which(CHROMEDRIVER) or CHROMEDRIVER[0]
    # It prints the port that it chose.
    process = subprocess.Popen(
        [driver, "--port=0", f"--log-path={log}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        address = f"http://127.0.0.1:{_port(process)}"
        session = call("POST", f"{address}/session", {"capabilities": {"alwaysMatch": _capabilities(home)}})
        url = f"{address}/session/{session['sessionId']}"
        try:
            yield Browser(url)
        finally:
            call("DELETE", url)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def _port(process: "subprocess.Popen[str]") -> int:
    deadline = time.monotonic() + _START_SECONDS
    said = []
    while process.stdout is not None and time.monotonic() < deadline and (line := process.stdout.readline()):
        said.append(line)
        if "started successfully on port" in line:
            return int(line.rstrip(". \n").rpartition(" ")[2])
    raise AssertionError(f"chromedriver did not start: {''.join(said)}")


def _capabilities(home: Path) -> dict[str, Any]:
    arguments = [
        "--headless=new",
        "--no-sandbox",  # containers, CI's and ours, run as root without user namespaces
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={home / 'profile'}",
    ]
    return {
        "browserName": "chrome",
        "goog:chromeOptions": {"args": arguments, "binary": _which(CHROMIUM)},
        "goog:loggingPrefs": {"browser": "ALL"},
    }
