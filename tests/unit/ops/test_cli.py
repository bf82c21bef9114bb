"""The command line as a whole: exit codes, one-line errors, progress, and its reference page."""

import io
import subprocess
import sys

import pytest

from ops import cli
from ops.console import PLAIN_INTERVAL, Console, Outcome
from ops.deployed.stacks import PROJECT
from ops.errors import MisuseError, OpsError
from tools.pages.cli_reference import markdown

PAGE = PROJECT / "docs" / "cli.md"


def test_the_reference_page_is_what_the_parser_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "write it again: python -m tools.pages.cli_reference"
    )


def test_every_command_and_every_option_is_on_the_reference_page() -> None:
    page = markdown()
    for name in cli.COMMANDS:
        assert f"## {name}\n" in page
    for option in ("--override-safety-rule", "--max-rto-pooled", "--dry-run", "--json", "--target"):
        assert f"`{option}" in page


def test_help_is_printed_without_importing_what_takes_longer_than_all_else() -> None:
    """A module of these takes 40 to 400 ms; the command that needs one imports it when it needs it."""
    heavy = ("boto3", "botocore.client", "awscrt", "pulumi", "pulumi_aws", "grpc", "ministack", "dns")
    script = "import sys; from ops.cli import build_parser; build_parser().format_help(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert set(heavy) & set(done.stdout.split()) == set()


def test_misuse_exits_with_2_and_names_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["drill", "--rate", "fast"]) == 2
    assert "must be a number, not 'fast'. See: python -m ops drill --help" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan"])
def test_rates_that_cannot_be_are_refused(value: str) -> None:
    assert cli.main(["drill", f"--rate={value}"]) == 2


def test_no_twin_is_one_line_that_says_how_to_start_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("TWIN_HOME", str(tmp_path))
    assert cli.main(["controls", "list"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "python -m twin up" in line


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OpsError("broken\nin two"), 1, "ops: broken in two"),
        (MisuseError("wrong"), 2, "ops: wrong"),
        (KeyboardInterrupt(), 1, "ops: Interrupted."),
        (FileNotFoundError(2, "No such file", "kept.json"), 1, "ops: kept.json No such file"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(
    error: BaseException,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main(["controls", "list"]) == code
    assert capsys.readouterr().err == f"{words}\n"


def test_in_a_log_progress_comes_every_few_seconds_and_notes_always() -> None:
    err, now = io.StringIO(), [0.0]
    console = Console(err=err, clock=lambda: now[0])
    for second in range(11):
        now[0] = float(second)
        console.progress(f"at {second}")
    console.note("noted")
    assert err.getvalue().splitlines() == ["at 0", f"at {PLAIN_INTERVAL:.0f}", "at 10", "noted"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_progress_is_one_line_that_a_note_replaces() -> None:
    err = Terminal()
    console = Console(err=err)
    console.progress("first")
    console.progress("second")
    console.note("noted")
    assert err.getvalue().split("\r\x1b[2K") == ["", "first", "second", "noted\n"]


def test_nobody_there_to_type_is_an_empty_answer() -> None:
    def nobody(_: str) -> str:
        raise EOFError

    assert Console(err=io.StringIO(), ask=nobody).typed("Sure?") == ""


def test_the_outcome_goes_to_stdout_alone() -> None:
    out, err = io.StringIO(), io.StringIO()
    Console(out=out, err=err).show(Outcome(data={"a": 1}, text="words"))
    Console(out=out, err=err, as_json=True).show(Outcome(data={"a": 1}, text="words"))
    assert (out.getvalue(), err.getvalue()) == ('words\n{\n  "a": 1\n}\n', "")
