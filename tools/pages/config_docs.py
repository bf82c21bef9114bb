"""Writes the configuration keys into Pulumi.yaml and docs/configuration.md.

`python -m tools.pages.config_docs` makes both of the declarations in blueprint/stack_config.py; a test holds
them current. Pulumi's engine reads Pulumi.yaml alone, so the list has to be there too.
"""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import yaml

from blueprint.config_keys import Key
from blueprint.stack_config import KEYS

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT_FILE = REPOSITORY / "Pulumi.yaml"
PAGE_FILE = REPOSITORY / "docs" / "configuration.md"

_WIDTH = 120
_LIST_BEGINS = "config:\n"

_INTRODUCTION = """\
# Configuration

<!-- Made from blueprint/stack_config.py by `python -m tools.pages.config_docs`. Change it there. -->

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
    rows = [_row(key) for key in KEYS.values()]
    return _INTRODUCTION.replace("{project}", project["name"]) + "\n".join(rows) + "\n"


def _row(key: Key) -> str:
    cells = (f"`{key.name}`", key.rule.kind, _default(key), key.words)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(key: Key) -> str:
    if key.required:
        return "required"
    plain = isinstance(key.default, str) and key.default
    return f"`{key.default if plain else json.dumps(key.default)}`"


def project_file() -> str:
    """Pulumi.yaml: what is written there by hand, then every key. The list is the file's end."""
    by_hand, found, _ = PROJECT_FILE.read_text(encoding="utf-8").partition(_LIST_BEGINS)
    return by_hand + found + "\n".join(line for key in KEYS.values() for line in _declared(key)) + "\n"


def _declared(key: Key) -> Iterator[str]:
    yield f"  {key.name}:"
    yield f"    type: {key.rule.kind}"
    yield from _described(key.words)
    if isinstance(key.default, dict):
        yield "    default:"
        yield from (f"      {name}: {value}" for name, value in key.default.items())
    elif not key.required:
        plain = isinstance(key.default, str) and key.default
        yield f"    default: {key.default if plain else json.dumps(key.default)}"


def _described(words: str) -> Iterator[str]:
    line = f"    description: {words}"
    if len(line) <= _WIDTH and yaml.safe_load(line) == {"description": words}:
        yield line
        return
    yield "    description: >-"
    yield from (f"      {part}" for part in textwrap.wrap(words, _WIDTH - 6, break_on_hyphens=False))


if __name__ == "__main__":
    PROJECT_FILE.write_text(project_file(), encoding="utf-8")
    PAGE_FILE.write_text(page(), encoding="utf-8")
