from tools.pages import config_docs


def test_the_configuration_page_is_what_pulumi_yaml_says() -> None:
    written = config_docs.PAGE_FILE.read_text(encoding="utf-8")
    assert written == config_docs.page(), "run: python -m tools.pages.config_docs"


def test_every_key_has_a_row_and_required_ones_say_so() -> None:
    rows = [line for line in config_docs.page().splitlines() if line.startswith("| `")]
    assert any(row.startswith("| `domainName` | string | required |") for row in rows)
    assert any(row.startswith('| `accountId` | string | `""` |') for row in rows)
    assert any(row.startswith("| `protect` | boolean | `true` |") for row in rows)
