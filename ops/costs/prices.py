"""The price table: one data file, with a date, and for each price where it is from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, kw_only=True)
class Price:
    """`per` says what for; one that is not `confirmed` should be looked up before anybody relies on it."""

    usd: float
    per: str
    source: str
    confirmed: bool
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    date: str
    region: str
    note: str
    prices: Mapping[str, Price]


def read_prices(file: Path = FILE) -> PriceTable:
    """The table in a file."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return PriceTable(
        date=found["date"],
        region=found["region"],
        note=found["note"],
        prices={name: Price(**price) for name, price in found["prices"].items()},
    )
