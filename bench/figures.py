"""A measured pair: ours against the bare library, and the bound on their ratio."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Medians in milliseconds; ``runs`` is how many of each were taken."""

    name: str
    ours_ms: float
    bare_ms: float
    bound: float
    runs: int

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.bare_ms

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bound

    def to_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "oursP50Ms": round(self.ours_ms, 3),
            "bareP50Ms": round(self.bare_ms, 3),
            "ratio": round(self.ratio, 3),
            "bound": self.bound,
            "runs": self.runs,
            "holds": self.holds,
        }


def figure(name: str, ours: Sequence[float], bare: Sequence[float], bound: float) -> Figure:
    """Compare the medians of two series of seconds."""
    return Figure(
        name=name,
        ours_ms=statistics.median(ours) * 1000,
        bare_ms=statistics.median(bare) * 1000,
        bound=bound,
        runs=len(ours),
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of text for a terminal."""
    lines = [f"{'':28}{'ours p50':>12}{'bare p50':>12}{'ratio':>8}{'bound':>8}"]
    for one in figures:
        verdict = "" if one.holds else "  TOO SLOW"
        times = f"{one.ours_ms:>9.2f} ms{one.bare_ms:>9.2f} ms"
        lines.append(f"{one.name:28}{times}{one.ratio:>8.2f}{one.bound:>8.2f}{verdict}")
    return "\n".join(lines)
