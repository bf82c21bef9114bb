"""Writes docs/configuration.md from Pulumi.yaml: `python -m tools.pages.config_docs`.

Pulumi.yaml is what the engine reads, so it is the one place where a key is described; a test holds
the page current.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT_FILE = REPOSITORY / "Pulumi.yaml"
PAGE_FILE = REPOSITORY / "docs" / "configuration.md"

_INTRODUCTION = """\
# Configuration

<!-- Made from Pulumi.yaml by `python -m tools.pages.config_docs`. Change it there. -->

Each key below belongs to a stack's file (`Pulumi.<stack>.yaml`) with the project's name in front:

```yaml
config:
  {project}:domainName: orders.example.com
```

`pulumi config set domainName orders.example.com` writes the same. A wrong value is refused before anything
is built, with what was wrong, the value seen, why, and what to write instead. So is a key that is not listed
here. Set `stacks`, `primaryStack`, `observerRegion`, `domainName`, `hostedZone`, `dnsRecord` and
`consistency` alike in every stack file: they describe the service, not one region.

Both stack files also set `pulumi:disable-default-providers: [aws]`, so that a resource without an explicit
provider is an error and not a resource in some other region. Pulumi.yaml declares `stacks` with
`type: object`, which Pulumi's command line knows since July 2025.

| key | type | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    project = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))
    rows = [_row(key, declared) for key, declared in project["config"].items()]
    return _INTRODUCTION.replace("{project}", project["name"]) + "\n".join(rows) + "\n"


def _row(key: str, declared: Mapping[str, Any]) -> str:
    cells = (f"`{key}`", declared["type"], _default(declared), " ".join(declared["description"].split()))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(declared: Mapping[str, Any]) -> str:
    if "default" not in declared:
        return "required"
    value = declared["default"]
    return f"`{value}`" if isinstance(value, str) and value else f"`{json.dumps(value)}`"


if __name__ == "__main__":
    PAGE_FILE.write_text(page(), encoding="utf-8")
