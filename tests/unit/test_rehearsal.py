"""What rehearses the runbooks sees what is wrong with a page, a command or an option."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.fakes import aws_cli, runbook_pages
from tests.fakes.typed_commands import Terminal, TypedError

TOP = "# A page\n\n**Rehearse.** `python -m twin fault kill us-east-1`, `python -m twin fault clear`.\n\n"


def page(folder: Path, text: str) -> runbook_pages.Runbook:
    file = folder / "page.md"
    file.write_text(text, encoding="utf-8")
    return runbook_pages.read(file)


def test_a_page_is_its_situation_and_its_blocks_with_who_types_them_and_what_they_promise(
    tmp_path: Path,
) -> None:
    found = page(
        tmp_path,
        TOP
        + "1. Do:\n\n   <!-- as operator: it is done -->\n   ```sh\n   one\n   two\n   ```\n\n"
        + "<!-- as operator, when it is over: it is back -->\n```sh\nthree\n```\n\n"
        + "<!-- only on AWS: there is no other -->\n```sh\nfour\n```\n",
    )
    assert found.situation == ("python -m twin fault kill us-east-1",)
    assert [(b.commands, b.user, b.promise, b.over) for b in found.blocks] == [
        ("one\ntwo\n", "operator", "it is done", False),
        ("three\n", "operator", "it is back", True),
        ("four\n", None, None, False),
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (TOP + "```sh\none\n```\n", "line 5"),
        (TOP + "<!-- operator -->\n```sh\none\n```\n", "not marked with"),
        ("# A page\n", "not one"),
    ],
    ids=["a block without a mark", "a mark of another form", "no line that says how to rehearse"],
)
def test_a_page_that_cannot_be_rehearsed_is_an_error(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        page(tmp_path, text)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    def say(words: list[str]) -> int:
        print(*words)
        return len(words)

    before = dict(os.environ)
    yield Terminal(programs={"say": say}, instead={"aws": "twin"})
    os.environ.clear()
    os.environ.update(before)


def test_variables_comments_and_lines_that_go_on_are_understood(terminal: Terminal) -> None:
    said = terminal.type(
        "export TARGET=aws\n# exit status 2 is not for the next line\n"
        "SAID=$(say $TARGET)    # exit status 1\nsay \\\n  $SAID 'two words'    # exit status 2: why\n"
    )
    assert said == "twin two words\n"


@pytest.mark.parametrize("line", ["say one", "say one # exit status 2", "rm -rf /", "say one | say"])
def test_a_command_that_ends_otherwise_or_is_unknown_is_an_error(terminal: Terminal, line: str) -> None:
    with pytest.raises(TypedError):
        terminal.type(line)


@pytest.mark.parametrize(
    "typed",
    ["dynamodb describe-tabel --table-name one", "dynamodb describe-table --name one"],
    ids=["operation", "option"],
)
def test_what_the_aws_cli_does_not_know_is_an_error(typed: str) -> None:
    client = boto3.client("dynamodb", region_name="us-east-1")
    with pytest.raises(KeyError):
        aws_cli.run(typed.split(), lambda service, region: client)
