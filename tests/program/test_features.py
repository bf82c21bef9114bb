"""docs/features.md: each part has its row, and what a row names is declared and there."""

import re
from pathlib import Path

from tests.fakes.pulumi_mocks import Run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "features.md"
TYPE = re.compile(r"`(aws:[^`]+)`")
FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+|[\w.-]+\.yaml)`")

# What the reference has, by a word of each row. A row may say more, and none may go.
PARTS = (
    "API Gateway",
    "Lambda functions read, create and fill",
    "global tables",
    "latency records",
    "ARC cluster",
    "safety rule",
    "health checks",
    "readiness checks",
    "canaries in both regions and from a third",
    "load generator in Step Functions",
    "`DynamoDB-Metrics-<region>` and `Canary-Metrics-<region>`",
    "custom domain and certificate",
    "Postman",
    "clean-up",
)


def rows() -> list[str]:
    return [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]


def test_every_part_of_the_reference_has_a_row() -> None:
    reference = "\n".join(row.split(" | ")[0] for row in rows())
    assert [part for part in PARTS if part not in reference] == []


def test_the_page_names_the_programs_resource_types_each_and_no_others(everything: tuple[Run, ...]) -> None:
    declared = {resource.type for run in everything for resource in run.aws}
    assert set(TYPE.findall(PAGE.read_text(encoding="utf-8"))) == declared


def test_every_file_that_a_row_names_is_there() -> None:
    files = {file for row in rows() for file in FILE.findall(TYPE.sub("", row))}
    assert len(files) > 30
    assert sorted(file for file in files if not (ROOT / file).exists()) == []


def test_every_row_says_where_its_part_is() -> None:
    assert [row for row in rows() if not FILE.search(TYPE.sub("", row)) and "| files |" not in row] == []
