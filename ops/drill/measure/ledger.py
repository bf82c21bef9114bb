"""What every client noted about every request, and what can be counted from it.

Times are seconds since the drill's clock started.
"""

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TextIO

ACKNOWLEDGED = (200, 201)
NOT_FOUND = 404


class Kind(StrEnum):
    CREATE = "create"
    READ = "read"


class ClientType(StrEnum):
    """How a client connects: anew for each request, or keeping connections up to a maximum age."""

    FRESH = "fresh"
    POOLED = "pooled"


class Result(StrEnum):
    OK = "ok"
    # A read that came before its order had replicated: slow data, not a failed region.
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One request. `status` is None when no answer came; `region` is what the answer's header said."""

    request_id: str
    kind: Kind
    order_id: str
    product_id: str
    host: str
    client: ClientType
    near: str
    sent: float
    answered: float
    status: int | None
    region: str | None
    error: str = ""

    @property
    def result(self) -> Result:
        if self.kind is Kind.READ and self.status == NOT_FOUND:
            return Result.STALE
        return Result.OK if self.status in ACKNOWLEDGED else Result.FAILED

    @property
    def acknowledged(self) -> bool:
        """Did the service promise that this order is kept?"""
        return self.kind is Kind.CREATE and self.status in ACKNOWLEDGED


class Ledger:
    """Entries in the order in which they were answered, each written to `file` as a line of JSON at once.

    Many threads add; `entries()` is a snapshot.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry) | {"result": entry.result})
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(line + "\n")

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """An order that was acknowledged, by whom it was answered first, and when."""

    order_id: str
    product_id: str
    answered: float
    region: str


def promises(entries: Iterable[Entry]) -> list[Promise]:
    """Every acknowledged order once, as first acknowledged."""
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.get(entry.order_id)
        if entry.acknowledged and (known is None or entry.answered < known.answered):
            first[entry.order_id] = entry
    return [
        Promise(order_id=e.order_id, product_id=e.product_id, answered=e.answered, region=e.region or "")
        for e in sorted(first.values(), key=lambda e: e.answered)
    ]


def per_second(entries: Sequence[Entry], *, until: float) -> dict[str, list[int]]:
    """Requests answered in each whole second from 0: by serving region, and under "failed"."""
    seconds = max(1, int(until) + 1)
    series: dict[str, list[int]] = {"failed": [0] * seconds}
    for entry in entries:
        slot = int(entry.answered)
        if not 0 <= slot < seconds:
            continue
        name = "failed" if entry.result is Result.FAILED else (entry.region or "failed")
        series.setdefault(name, [0] * seconds)[slot] += 1
    return series


def counts(entries: Iterable[Entry]) -> Mapping[str, int]:
    """How many requests went how."""
    total: dict[str, int] = {"requests": 0, **{result.value: 0 for result in Result}}
    for entry in entries:
        total["requests"] += 1
        total[entry.result.value] += 1
    return total
