"""The page of operations is what the allow-list says."""

from twin.cli.coverage import PAGE, page
from twin.front.operations import OPERATIONS


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m twin coverage --write"


def test_every_operation_is_on_the_page() -> None:
    text = page()
    for service, operations in OPERATIONS.items():
        section = text.partition(f"## {service}\n")[2].partition("\n## ")[0]
        assert set(section.split()) - {"-"} == operations
