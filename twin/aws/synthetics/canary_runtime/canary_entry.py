"""The function behind a canary: calls its script and tells how that ended.

Standard library only, as the rest of it is the canary's.
"""

import importlib
import sys
import traceback
from typing import Any


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Run the script that `event["handler"]` names. A script that raises has failed, not the function."""
    module, _, function = str(event["handler"]).rpartition(".")
    try:
        getattr(importlib.import_module(module.replace("/", ".")), function)(event, context)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the run's result
        traceback.print_exc(file=sys.stdout)
        return {"passed": False, "reason": str(error) or type(error).__name__}
    return {"passed": True, "reason": ""}
