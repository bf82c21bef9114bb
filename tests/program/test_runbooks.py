"""What a runbook says of the program's resources is what the program declares."""

import json
import re
from pathlib import Path

from tests.fakes.pulumi_mocks import Run

RESTORE = Path(__file__).resolve().parents[2] / "docs" / "runbooks" / "restore-a-table.md"


def last(urn: str) -> str:
    return urn.rsplit("::", 1)[1]


def test_the_import_file_names_the_tables_as_the_program_does(primary: Run) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", RESTORE.read_text(encoding="utf-8"), re.DOTALL)
    document = json.loads(block)
    named = document["nameTable"]
    for entry in document["resources"]:
        declared = next(r for r in primary.all(entry["type"]) if r.name == entry["name"])
        assert last(named[entry["provider"]]) == declared.provider
        assert named[entry["parent"]] == declared.options.parent
        if entry["type"].endswith(":Table"):
            assert entry["id"] == declared.inputs["name"]
        else:
            # The table's name and its region (pulumi_aws, dynamodb.TableReplica, "Import").
            table, region = entry["id"].split(":")
            assert table in {r.inputs["name"] for r in primary.all("aws:dynamodb/table:Table")}
            assert (region, declared.region) == ("us-east-1", "us-west-2")


def test_the_commands_name_a_table_that_there_is(primary: Run) -> None:
    tables = {r.inputs["name"] for r in primary.all("aws:dynamodb/table:Table")}
    text = RESTORE.read_text(encoding="utf-8")
    assert set(re.findall(r"resilient-orders-region1-\w+-eventual", text)) <= tables
