"""A drill's result as a picture: requests a second by serving region, failures, the switches, the RTOs.

One SVG without scripts or outside files, narrow enough to be read on a phone, in light and dark.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ops.drill.report.summary import heading

Json = Mapping[str, Any]

WIDTH, LEFT, RIGHT = 480, 36, 12
CHART_TOP, CHART_HEIGHT = 86, 170
ROW = 26
LEGEND_ROW = 18
# Where the bars of the recovery times begin: below the time axis and their own title.
BARS_TOP = CHART_TOP + CHART_HEIGHT + 58
# The width of a letter of the words, about.
CHARACTER = 7.4
# Seconds between marks on the time axis; the first that gives at most eight.
STEPS = (5, 10, 20, 30, 60, 120, 300, 600)

STYLE = """
.bg{fill:#fff}.text{fill:#1f2328;font:13px system-ui,sans-serif}
.dim{fill:#59636e;font:12px system-ui,sans-serif}
.title{fill:#1f2328;font:600 15px system-ui,sans-serif}.grid{stroke:#d1d9e0;stroke-width:1}
.mark{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:4 3}
.r0{fill:#0969da}.r1{fill:#bf8700}.r2{fill:#1a7f37}.r3{fill:#8250df}.failed{fill:#cf222e}
.fresh{fill:#59636e}.pooled{fill:#818b98}
@media (prefers-color-scheme:dark){
.bg{fill:#0d1117}.text,.title{fill:#f0f6fc}.dim{fill:#9198a1}.grid{stroke:#3d444d}.mark{stroke:#f0f6fc}
.r0{fill:#4493f8}.r1{fill:#e3b341}.r2{fill:#3fb950}.r3{fill:#ab7df8}.failed{fill:#f85149}
.fresh{fill:#9198a1}.pooled{fill:#656c76}}
""".replace("\n", "")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Seconds to x, requests a second to y."""

    seconds: int
    highest: int

    def x(self, second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(second, self.seconds) / self.seconds

    def y(self, requests: float) -> float:
        return CHART_TOP + CHART_HEIGHT * (1 - requests / self.highest)


def timeline(result: Json) -> str:
    """The picture of a result document."""
    series: Mapping[str, Sequence[int]] = result["perSecond"]
    regions = _regions(result)
    seconds = max(1, len(series["failed"]))
    busiest = max(sum(values[s] for values in series.values()) for s in range(seconds))
    scale = Scale(seconds=seconds, highest=axis_top(busiest))
    bars = list(_recovery_bars(result))
    legend, rows = _legend(regions)
    # Everything below a legend of several rows moves down with it.
    lower = LEGEND_ROW * (rows - 1)
    height = BARS_TOP + ROW * len(bars) + 10 + lower
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(_title(result))}"><style>{STYLE}</style>',
        f'<rect class="bg" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="12" y="22">{escape(_title(result))}</text>',
        *legend,
        f'<g transform="translate(0 {lower})">',
        *_grid(scale),
        *_columns(series, regions, scale),
        *_marks(result, scale),
        *_rows(bars, scale),
        "</g></svg>",
    ]
    return "".join(parts) + "\n"


def axis_top(value: int) -> int:
    """The end of an axis that holds the value and has whole numbers at its end and its middle."""
    step = 2 if value <= 10 else 10
    return max(step, -(-value // step) * step)


def _regions(result: Json) -> list[str]:
    named = list(result["parameters"]["regions"])
    return named + sorted(r for r in result["perSecond"] if r not in named and r != "failed")


def _title(result: Json) -> str:
    return f"{heading(result)}: requests a second"


def _legend(regions: Sequence[str]) -> tuple[list[str], int]:
    """The legend, and how many rows it takes."""
    parts, x, row = [], 12.0, 0
    entries = [(f"r{number % 4}", region) for number, region in enumerate(regions)]
    for style, words in [*entries, ("failed", "failed")]:
        width = 16 + CHARACTER * len(words)
        if x > 12 and x + width > WIDTH - RIGHT:
            x, row = 12.0, row + 1
        y = 34 + LEGEND_ROW * row
        parts.append(f'<rect class="{style}" x="{x:.0f}" y="{y}" width="11" height="11" rx="2"/>')
        parts.append(f'<text class="text" x="{x + 16:.0f}" y="{y + 10}">{escape(words)}</text>')
        x += width + 16
    return parts, row + 1


def _grid(scale: Scale) -> Iterator[str]:
    for share in (0, 0.5, 1):
        y = scale.y(scale.highest * share)
        yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
        yield (
            f'<text class="dim" x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{scale.highest * share:g}'
            "</text>"
        )
    step = next((s for s in STEPS if scale.seconds / s <= 8), STEPS[-1])
    for second in range(0, scale.seconds + 1, step):
        words = f"{second} s"
        x, y = _within(scale.x(second), words), CHART_TOP + CHART_HEIGHT + 17
        yield f'<text class="dim" x="{x:.1f}" y="{y}" text-anchor="middle">{words}</text>'


def _columns(series: Mapping[str, Sequence[int]], regions: Sequence[str], scale: Scale) -> Iterator[str]:
    width = (WIDTH - LEFT - RIGHT) / scale.seconds
    styles = [(f"r{n % 4}", region) for n, region in enumerate(regions)]
    for second in range(scale.seconds):
        below = 0
        for style, name in [*styles, ("failed", "failed")]:
            value = series.get(name, [0] * scale.seconds)[second]
            if value:
                top, bottom = scale.y(below + value), scale.y(below)
                yield (
                    f'<rect class="{style}" x="{scale.x(second):.2f}" y="{top:.1f}" '
                    f'width="{max(0.5, width * 0.92):.2f}" height="{bottom - top:.1f}"/>'
                )
                below += value


def _marks(result: Json, scale: Scale) -> Iterator[str]:
    """Vertical lines for what was done when; labels alternate in height so that near ones stay apart."""
    times = result["timeline"]
    wanted = [
        (times.get("killed"), "killed"),
        (times.get("switch", {}).get("sent"), "switch"),
        (times.get("revived"), "revived"),
        (times.get("back", {}).get("sent"), "back"),
    ]
    for number, (second, words) in enumerate((s, w) for s, w in wanted if s is not None):
        x, y = scale.x(second), 64 + 14 * (number % 2)
        yield (
            f'<line class="mark" x1="{x:.1f}" y1="{y + 3}" x2="{x:.1f}" y2="{CHART_TOP + CHART_HEIGHT}"/>'
            f'<text class="text" x="{_within(x, words):.1f}" y="{y}" text-anchor="middle">{words}</text>'
        )


def _within(x: float, words: str) -> float:
    """Where the middle of words is so that none of them is cut off at an edge."""
    half = CHARACTER * len(words) / 2
    return min(max(x, half + 2), WIDTH - half - 2)


def _recovery_bars(result: Json) -> Iterator[tuple[str, str, float, float]]:
    """Style, words, start and length of each RTO."""
    times = result["timeline"]
    for move, by_client in result["rto"].items():
        begun = (
            times["killed"] if move == "switch" and times.get("killed") is not None else times[move]["sent"]
        )
        for client, seen in by_client.items():
            words = f"{client}, {move}: {'' if seen['settled'] else 'over '}{seen['seconds']:.1f} s"
            yield client, words, begun, seen["seconds"]


def _rows(bars: Sequence[tuple[str, str, float, float]], scale: Scale) -> Iterator[str]:
    if bars:
        yield f'<text class="dim" x="12" y="{BARS_TOP - 12}">Until the last client had moved (RTO)</text>'
    for number, (style, words, start, length) in enumerate(bars):
        y = BARS_TOP + ROW * number
        left, right = scale.x(start), scale.x(start + length)
        width = max(2.0, right - left)
        yield (f'<rect class="{style}" x="{left:.1f}" y="{y}" width="{width:.1f}" height="16" rx="3"/>')
        # Words go where there is room: after the bar, or before it.
        after = right + 6 + CHARACTER * len(words) < WIDTH
        x, anchor = (right + 6, "start") if after else (left - 6, "end")
        yield f'<text class="text" x="{x:.1f}" y="{y + 13}" text-anchor="{anchor}">{escape(words)}</text>'
