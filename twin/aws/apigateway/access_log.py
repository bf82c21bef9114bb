"""A stage's access log: one line a call, in the format the stage names."""

import re

from twin.aws.apigateway.call import ApiCall

_VARIABLE = re.compile(r"\$context\.([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)")
_GROUP = re.compile(r"^arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:(?P<name>[^:*]+)")


def line(call: ApiCall) -> tuple[str, str] | None:
    """Log group and line for a finished call; None when its stage has no access log."""
    settings = call.stage.get("accessLogSettings") or {}
    found = _GROUP.match(settings.get("destinationArn") or "")
    if found is None or not settings.get("format"):
        return None
    # A variable without a value is a hyphen.
    text = _VARIABLE.sub(lambda match: call.context(match.group(1)) or "-", settings["format"])
    return found["name"], text.rstrip("\n")
