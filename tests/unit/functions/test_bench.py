"""python -m bench: what it says and what it exits with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.figures import Figure, figure


def a_figure(ours_ms: float) -> Figure:
    return Figure(name="create, warm", ours_ms=ours_ms, bare_ms=1.0, bound=1.25, runs=3)


def test_a_figure_compares_medians() -> None:
    made = figure("read, warm", [0.001, 0.002, 0.9], [0.002, 0.002, 0.002], 1.25)
    assert (made.ours_ms, made.bare_ms, made.ratio, made.runs) == (2.0, 2.0, 1.0, 3)


@pytest.mark.parametrize(("ours_ms", "status"), [(1.25, 0), (1.26, 1)])
def test_a_broken_bound_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    ours_ms: float,
    status: int,
) -> None:
    @contextmanager
    def no_server() -> Iterator[str]:
        yield "http://127.0.0.1:1"

    monkeypatch.setattr("bench.server.running", no_server)
    monkeypatch.setattr("bench.warm.measure", lambda _url, _runs: [a_figure(ours_ms)])
    monkeypatch.setattr("bench.startup.measure", lambda _url, _starts: [])
    result = tmp_path / "results" / "bench.json"
    assert bench.main(["--result", str(result)]) == status
    written = json.loads(result.read_text(encoding="utf-8"))
    assert written["figures"][0]["holds"] is (status == 0)
    assert ("TOO SLOW" in capsys.readouterr().out) is (status == 1)
