"""What Pulumi's engine keeps of the stacks that it deployed into a twin."""

from json import loads
from pathlib import Path
from typing import Any

from twin.home import Home


def kept_resources(home: Path, project: str, stack: str) -> list[dict[str, Any]]:
    """The resources of a stack, as `pulumi stack export` shows them; empty where there is no such stack."""
    path = Home(home).pulumi / "backend" / ".pulumi" / "stacks" / project / f"{stack}.json"
    try:
        content = loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    latest = (content.get("checkpoint") or {}).get("latest") or {}
    return list(latest.get("resources") or [])
