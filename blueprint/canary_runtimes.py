"""Which CloudWatch Synthetics runtimes the canaries can have."""

from typing import Final

from blueprint.errors import ConfigError

# Those that AWS documents with Python 3.12, for which the canaries' bundle is built (CloudWatch User Guide,
# "Runtime versions using Python and Selenium Webdriver"). A newer one is added here after a look at its page.
CANARY_RUNTIMES: Final = tuple(
    f"syn-python-selenium-{version}" for version in ("11.1", "12.0", "13.0", "14.0")
)
CANARY_PYTHON: Final = "python3.12"
CANARY_ARCHITECTURE: Final = "x86_64"
"""Always: the API has no such setting."""

# AWS makes no canary with these any more (CloudWatch User Guide, "Runtime versions support policy").
_LAST_DEPRECATED_MAJOR: Final = 5


def check_runtime(runtime: str) -> str:
    """The runtime itself; ConfigError for one that AWS or the canaries' bundle does not fit."""
    if runtime in CANARY_RUNTIMES:
        return runtime
    raise ConfigError(
        "`canaryRuntime` is not a runtime that the canaries can have.",
        seen=runtime,
        why=_reason(runtime),
        do=f"Write one of: {', '.join(CANARY_RUNTIMES)}. One that AWS has added since goes into "
        "blueprint/canary_runtimes.py first.",
    )


def _reason(runtime: str) -> str:
    major = runtime.rpartition("-")[2].partition(".")[0]
    if major.isdigit() and int(major) <= _LAST_DEPRECATED_MAJOR:
        return "AWS has deprecated it and makes no new canary with it."
    return "The canaries' bundle is built for Python 3.12, and this runtime is not known to have that."
