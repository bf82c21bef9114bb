"""The file that a failover needs: what is in it, and which files are refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops import cli
from ops.deployed import export, options
from ops.deployed.deployment import parse
from ops.errors import DeploymentError
from tests.fakes.ops_target import FakeTarget
from tests.unit.ops.outputs import both, outputs

WHEN = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)


def written(file: Path, stacks: dict[str, Any] | None = None, *, when: datetime = WHEN) -> Path:
    export.write(
        export.Export(target="aws", primary="region1", exported_at=when, stacks=stacks or both()), file
    )
    return file


def damaged(file: Path, **fields: Any) -> Path:
    """A file with other members; None takes one away."""
    document = json.loads(written(file).read_text()) | fields
    file.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return file


def test_what_was_exported_is_read_back(tmp_path: Path) -> None:
    file = written(tmp_path / "deep" / "region1.json")
    found = export.load(file, target="aws", now=WHEN + timedelta(days=3))
    assert found.regions == ("us-east-1", "us-west-2")
    assert found.exported_at == WHEN
    assert found.source.endswith("region1.json, exported 3 days ago (2026-11-25 18:00 UTC)")


def test_two_exports_of_one_deployment_differ_in_their_date_only(tmp_path: Path) -> None:
    first = written(tmp_path / "a.json").read_text().splitlines()
    other_order = {
        stack: dict(sorted(values.items())) for stack, values in sorted(both().items(), reverse=True)
    }
    second = written(tmp_path / "b.json", other_order, when=WHEN + timedelta(days=1)).read_text().splitlines()
    assert [one for one in first if one not in second] == ['  "exportedAt": "2026-11-25T18:00:00+00:00",']
    assert not list(tmp_path.glob("*.tmp"))


def test_what_the_program_exports_beside_its_own_outputs_does_not_get_into_the_file(tmp_path: Path) -> None:
    stacks = {"region1": outputs("us-east-1", databasePassword="hunter2")}
    assert "hunter2" not in written(tmp_path / "region1.json", stacks).read_text()


def test_the_primary_goes_first_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / "z.json"
    stacks = {"z": outputs("us-west-2"), "a": outputs("us-east-1")}
    export.write(export.Export(target="aws", primary="z", exported_at=WHEN, stacks=stacks), file)
    assert export.load(file, target="aws").primary.name == "z"


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"stacks": {}}', '{"savedAt": "x", "stacks": {}}'])
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "kept.json"
    file.write_text(content)
    with pytest.raises(DeploymentError, match=r"kept\.json"):
        export.load(file, target="aws")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DeploymentError, match="not text"):
        export.load(file, target="aws")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"schemaVersion": 2}, "schema version 2; this program reads 1. Use the program that wrote it"),
        ({"schemaVersion": 0}, "schema version 0; this program reads 1. Write it again"),
        ({"exportedAt": None}, "does not say when"),
        ({"exportedAt": "yesterday"}, "does not say when it was exported \\('yesterday'\\)"),
        ({"exportedAt": "2026-11-25T18:00:00"}, "does not say when"),
        ({"target": "twin"}, "exported on twin, not on aws.*--target twin"),
        ({"primaryStack": "prod-region1"}, "primary stack is prod-region1, and it has region1, region2"),
        ({"stacks": {}}, "primary stack is region1, and it has no stack"),
        ({"stacks": {"region1": []}}, "damaged"),
        (
            {"stacks": {"region1": outputs("us-east-1") | {"functionArns": {"create": "x"}, "arc": 1}}},
            "damaged",
        ),
        ({"stacks": {"region1": outputs("us-east-1", apiUrl=None)}}, "lacks the output apiUrl"),
    ],
)
def test_a_stale_foreign_or_damaged_file_says_what_is_wrong(
    tmp_path: Path, fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(DeploymentError, match=says):
        export.load(damaged(tmp_path / "region1.json", **fields), target="aws")


def test_a_file_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="ops export"):
        export.load(tmp_path / "nothing.json", target="aws")


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(passed: timedelta, words: str) -> None:
    assert export.age(WHEN, WHEN + passed).startswith(f"{words} (")


def test_the_command_writes_the_file_and_says_which_stacks_are_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = FakeTarget(name="aws", deployed={"region1": outputs("us-east-1")}, exports=tmp_path)
    monkeypatch.setattr(options, "open_target", lambda _: target)
    assert cli.main(["export", "--target", "aws", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "file": str(tmp_path / "region1.json"),
        "stacks": ["region1"],
        "missing": ["region2"],
    }
    assert "not in it: region2" in err


def test_nothing_deployed_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = FakeTarget(name="aws", exports=tmp_path)
    monkeypatch.setattr(options, "open_target", lambda _: target)
    assert cli.main(["export", "--target", "aws"]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_checked_and_put_in_its_place_without_any_stack_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = FakeTarget(name="aws", exports=tmp_path / "deployments")
    monkeypatch.setattr(options, "open_target", lambda _: target)
    monkeypatch.setattr(options, "PROJECT", tmp_path)
    copy = written(tmp_path / "copy.json")
    assert cli.main(["export", "--target", "aws", "--deployment", str(copy)]) == 0
    assert (tmp_path / "deployments" / "region1.json").read_bytes() == copy.read_bytes()
    damaged(copy, target="twin")
    assert cli.main(["export", "--target", "aws", "--deployment", str(copy), "--file", "never"]) == 1
    assert not Path("never").exists()


def test_what_the_stack_files_say_otherwise_is_named() -> None:
    found = parse(both(), source="the file")
    assert export.contradictions(found, primary="region1", domain_name="orders.example.com") == []
    primary, domain = export.contradictions(found, primary="region9", domain_name="shop.example.com")
    assert "its primary stack is region1, and the stack files say region9" in primary
    assert "its domain is orders.example.com, and the stack files say shop.example.com" in domain
