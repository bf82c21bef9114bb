"""Pulumi.yaml and docs/configuration.md say what the configuration's declarations say."""

import yaml

from blueprint.stack_config import KEYS
from tools.pages import config_docs


def test_the_configuration_page_is_current() -> None:
    written = config_docs.PAGE_FILE.read_text(encoding="utf-8")
    assert written == config_docs.page(), "run: make docs"


def test_pulumi_yamls_list_is_current() -> None:
    written = config_docs.PROJECT_FILE.read_text(encoding="utf-8")
    assert written == config_docs.project_file(), "run: make docs"


def test_pulumi_reads_each_key_as_it_is_declared() -> None:
    project = yaml.safe_load(config_docs.PROJECT_FILE.read_text(encoding="utf-8"))
    for name, key in KEYS.items():
        default = {} if key.required else {"default": key.default}
        assert project["config"][name] == {"type": key.rule.kind, "description": key.words, **default}
    assert list(project["config"]) == list(KEYS)
    assert "main" not in project


def test_every_key_has_a_row_and_required_ones_say_so() -> None:
    rows = [line for line in config_docs.page().splitlines() if line.startswith("| `")]
    assert any(row.startswith("| `domainName` | string | required |") for row in rows)
    assert any(row.startswith('| `accountId` | string | `""` |') for row in rows)
    assert any(row.startswith("| `protect` | boolean | `true` |") for row in rows)
