"""The canaries' names, and where in a bucket their results are.

The component makes them; alarms, dashboards and tools find them by these.
"""

from typing import Final

from blueprint.naming import CANARY, Namer
from blueprint.stack_config import StackConfig

INSIDE: Final = "inside"
"""Runs in the stack's own region and calls that region's API."""
OUTSIDE: Final = "outside"
"""Runs in the observer region and calls the stack's API."""
DOMAIN: Final = "domain"
"""Runs in the observer region, of the primary's stack alone, and calls the name that all regions share."""

RESULTS_PREFIX: Final = "canary-results/"
RESULTS_KEPT_DAYS: Final = 31

FUNCTION_NAME_CHARACTERS: Final = 21
"""How much of a canary's name is in the names of the function, layer and log group that Synthetics makes for
it, `cwsyn-<that>-<id>` (Synthetics API, DeleteCanary)."""


def viewpoints(config: StackConfig) -> tuple[str, ...]:
    """Those of a stack's canaries, in the order in which they are shown."""
    return (INSIDE, OUTSIDE, DOMAIN) if config.is_primary else (INSIDE, OUTSIDE)


def canary_name(namer: Namer, viewpoint: str) -> str:
    """The physical name of a stack's canary; raises ConfigError where AWS would refuse it."""
    return namer.physical(viewpoint, CANARY)


def function_name(*arns: str | None) -> str | None:
    """The name of a canary's Lambda function, from the first ARN that has it: its own, or its layer's.

    Synthetics gives both the same name (CloudWatch User Guide, "Monitoring canary events with Amazon
    EventBridge": `executionArn` and `testCodeLayerVersionArn`). An ARN may be missing or empty.
    """
    for arn in arns:
        # arn:aws:lambda:<region>:<account>:function:<name>:<version>
        parts = (arn or "").split(":")
        if len(parts) > 6 and parts[5] in ("function", "layer") and parts[6]:
            return parts[6]
    return None
