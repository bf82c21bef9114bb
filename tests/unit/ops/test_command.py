"""Options' values, refused before a command starts."""

from pathlib import Path

import pytest

from ops import cli


def test_results_that_could_not_be_written_are_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert cli.main(["demo", "--results", str(tmp_path / "file" / "results")]) == 2
    assert f"{tmp_path / 'file'} is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("minute", ["4.9", "61", "nan", "x"])
def test_a_minute_that_cannot_be_is_refused_before_a_twin_starts(minute: str) -> None:
    assert cli.main(["demo-full", "--minute", minute]) == 2
