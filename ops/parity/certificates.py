"""Whether the shared name's certificates are good, and for how long."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ops.checks.findings import State
from ops.parity.rows import ABSENT, Row

SECTION = "certificate"
ISSUED = "ISSUED"
# ACM renews from 60 days before the end (ACM User Guide, "Managed certificate renewal"): by now it failed.
SOON_DAYS = 30


def expiry(certificates: Mapping[str, Mapping[str, Any]], *, now: datetime) -> list[Row]:
    """`certificates` are ACM's descriptions by region; one row, where any was read."""
    return [_expiry(certificates, now)] if certificates else []


def _expiry(certificates: Mapping[str, Mapping[str, Any]], now: datetime) -> Row:
    left = {region: _days_left(one, now) for region, one in certificates.items()}
    bad = sorted(
        region
        for region, one in certificates.items()
        if one.get("Status") != ISSUED or (days := left[region]) is None or days < SOON_DAYS
    )
    return Row(
        section=SECTION,
        item="validity",
        values={region: _words(one, left[region]) for region, one in certificates.items()},
        state=State.FAILED if bad else State.OK,
        note=f"not renewed, or not issued: look at its validation in {', '.join(bad)}" if bad else "",
    )


def _days_left(certificate: Mapping[str, Any], now: datetime) -> int | None:
    end = certificate.get("NotAfter")
    return (end.astimezone(UTC) - now).days if isinstance(end, datetime) else None


def _words(certificate: Mapping[str, Any], days: int | None) -> str:
    state = certificate.get("Status", ABSENT)
    return f"{state}, no end known" if days is None else f"{state}, {days} days left"
