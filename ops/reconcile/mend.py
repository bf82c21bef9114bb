"""Makes the repairs, one after the other, and writes down each, and who loses by it, before and after."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from functions.orders.contract import TABLE_KEYS
from ops.aws_errors import CONDITION_FAILED, explained
from ops.errors import OpsError
from ops.reconcile.findings import Finding
from ops.reconcile.repairs import Repair

CHANGED = "changed meanwhile; nothing newer was overwritten: run again"


class Trail:
    """A file of JSON lines: what was about to be written, and what became of it."""

    def __init__(self, file: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file = file
        self._clock = clock
        file.parent.mkdir(parents=True, exist_ok=True)

    def write(self, event: str, **fields: Any) -> None:
        line = {"at": self._clock().isoformat(timespec="milliseconds"), "event": event, **fields}
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, sort_keys=True, default=str) + "\n")


class Mender:
    """Repairs through one region's tables; replication brings it to the others."""

    def __init__(self, client: Any, region: str, names: Mapping[str, str], trail: Trail) -> None:
        self._client = client
        self._region = region
        self._names = names
        self._trail = trail

    def mend(self, finding: Finding) -> Finding:
        """Every repair of a finding, up to the first that fails or finds the item changed."""
        if not finding.repairs:
            return finding
        try:
            for repair in finding.repairs:
                if not self._make(repair, finding.product):
                    return finding.ended(CHANGED, repaired=False)
        except OpsError as error:
            return finding.ended(str(error), repaired=False)
        return finding.ended("; ".join(_done(finding.repairs)), repaired=True)

    def _make(self, repair: Repair, product: str) -> bool:
        about = {
            "region": self._region,
            "product": product,
            "table": self._names[repair.table],
            "key": repair.key,
            "repair": repair.words,
            "loses": None if repair.loses is None else asdict(repair.loses),
        }
        self._trail.write("repairing", **about, before=repair.before, request=repair.request)
        try:
            with explained(repair.words):
                after = self._write(repair)
        except OpsError as error:
            self._trail.write("failed", **about, error=str(error))
            raise
        self._trail.write("changed meanwhile" if after is None else "repaired", **about, after=after)
        return after is not None

    def _write(self, repair: Repair) -> Mapping[str, Any] | None:
        """The item after the write; None where it was not as it had been seen."""
        request = {"TableName": self._names[repair.table], **repair.request}
        if repair.operation == "update_item":
            request |= {"Key": {TABLE_KEYS[repair.table]: {"S": repair.key}}, "ReturnValues": "ALL_NEW"}
        try:
            answer = getattr(self._client, repair.operation)(**request)
        except ClientError as error:
            if error.response["Error"].get("Code") != CONDITION_FAILED:
                raise
            return None
        after: Mapping[str, Any] = answer.get("Attributes") or repair.request.get("Item") or {}
        return after


def unchanged(findings: Sequence[Finding], again: Sequence[Finding]) -> list[Finding]:
    """The findings to mend: those that were found again just as they had been shown to whoever agreed."""
    seen = {finding.product: finding for finding in again}
    return [
        finding if seen.get(finding.product) == finding else replace(finding, outcome=CHANGED, repairs=())
        for finding in findings
    ]


def _done(repairs: Sequence[Repair]) -> list[str]:
    return [f"done: {repair.words}" for repair in repairs]
