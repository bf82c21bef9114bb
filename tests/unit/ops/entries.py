"""Ledger entries for tests: every field has a plain value unless the test names it."""

from typing import Any

from ops.drill.measure.ledger import ClientType, Entry, Kind


def entry(answered: float, **fields: Any) -> Entry:
    """An order that `east` acknowledged, sent 0.05 s before its answer."""
    values: dict[str, Any] = {
        "request_id": f"r{answered}",
        "kind": Kind.CREATE,
        "order_id": f"o{answered}",
        "product_id": f"p{answered}",
        "host": "h1",
        "client": ClientType.FRESH,
        "near": "east",
        "sent": answered - 0.05,
        "answered": answered,
        "status": 201,
        "region": "east",
    }
    return Entry(**(values | fields))


def failed(answered: float, **fields: Any) -> Entry:
    """A request that got no answer."""
    return entry(answered, **({"status": None, "region": None, "error": "ConnectionRefusedError"} | fields))
