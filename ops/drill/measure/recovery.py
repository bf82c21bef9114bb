"""Recovery time: how long clients noticed that traffic moved.

A client's home is the region that served it last before the move. RTO is the time from the start of the move
to the last answer from the region that traffic leaves, or to the last failed request, whichever is later.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ops.drill.measure.ledger import ClientType, Entry, Result


@dataclass(frozen=True, kw_only=True)
class Move:
    """Traffic leaves `left` for anywhere else, or comes `back_to` its home; one of the two is set.

    `start` is where the clock starts (the switch, or the kill in an outage), `sent` and `accepted` are the
    switch's own times, `end` is when the next phase starts; seconds of the drill's clock.
    """

    name: str
    start: float
    sent: float
    accepted: float
    end: float
    left: str | None = None
    back_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """What one client type saw of a move; seconds after its start.

    `settled`: requests were answered by the right region after the last wrong answer or failure, so that the
    number is a measurement and not where the drill ended.
    """

    rto: float
    first_new: float | None
    last_old: float | None
    last_failure: float | None
    failed: int
    requests: int
    settled: bool


def homes(entries: Iterable[Entry], *, before: float) -> dict[str, str]:
    """Client host -> the region that served it last before `before`."""
    found: dict[str, tuple[float, str]] = {}
    for entry in entries:
        if entry.answered < before and entry.region and entry.result is not Result.FAILED:
            known = found.get(entry.host)
            if known is None or entry.answered > known[0]:
                found[entry.host] = (entry.answered, entry.region)
    return {host: region for host, (_, region) in found.items()}


def recovery(entries: Iterable[Entry], move: Move, home: Mapping[str, str]) -> Recovery | None:
    """What the clients that the move concerns saw between its start and its end; None if they sent nothing.

    It concerns those whose home is the region that traffic leaves or comes back to.
    """
    concerned = move.left or move.back_to
    relevant = [
        e
        for e in entries
        if e.answered >= move.start and e.sent < move.end and home.get(e.host, concerned) == concerned
    ]
    if not relevant:
        return None
    old = [e for e in relevant if _served_by_old(e, move)]
    failures = [e for e in relevant if e.result is Result.FAILED]
    new = [e for e in relevant if e.result is not Result.FAILED and not _served_by_old(e, move)]
    last_old = _extreme(max, old, move.start)
    last_failure = _extreme(max, failures, move.start)
    rto = max(last_old or 0.0, last_failure or 0.0)
    return Recovery(
        rto=rto,
        first_new=_extreme(min, new, move.start),
        last_old=last_old,
        last_failure=last_failure,
        failed=len(failures),
        requests=len(relevant),
        settled=any(e.answered - move.start > rto for e in new),
    )


def recovery_by_type(entries: Sequence[Entry], move: Move, home: Mapping[str, str]) -> dict[str, Recovery]:
    """`recovery` for each client type that sent something."""
    found = {}
    for client in ClientType:
        seen = recovery([e for e in entries if e.client is client], move, home)
        if seen is not None:
            found[client.value] = seen
    return found


def _served_by_old(entry: Entry, move: Move) -> bool:
    if entry.result is Result.FAILED or entry.region is None:
        return False
    return entry.region == move.left if move.left else entry.region != move.back_to


def _extreme(
    pick: Callable[[Iterable[float]], float], entries: Sequence[Entry], start: float
) -> float | None:
    return pick(e.answered - start for e in entries) if entries else None
