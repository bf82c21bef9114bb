"""The result of a drill as a page of text; everything is read from the result document."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.drill.settings import Scenario

Json = Mapping[str, Any]

MOVES = {"switch": "traffic leaves", "back": "traffic comes back to"}


PARTS = {
    "noticing": "noticing",
    "deciding": "deciding",
    "switching": "ARC",
    "moving": "DNS and connections",
}
"""What a recovery time is made of, in order: see ops/drill/measure/parts.py."""
RPO_MEANS = "acknowledged orders that no surviving region had at the switch"
LOST_MEANS = "acknowledged orders that no region has after healing"


def summary(result: Json) -> str:
    """Some 30 lines for a terminal, the verdict first."""
    lines = [
        verdict(result),
        f"{heading(result)} on the {_target(result)}, {result['domain']}",
        _parameters(result),
        "",
        *_moves(result),
        "",
        *_data(result),
    ]
    if result["bounds"]:
        lines += ["", "Bounds", *(_bound(b) for b in result["bounds"])]
    return "\n".join(lines)


def verdict(result: Json) -> str:
    """Whether every stated bound was kept, and which were not."""
    bounds = result["bounds"]
    broken = [bound["name"] for bound in bounds if not bound["kept"]]
    if not bounds:
        return "MEASURED: no bound was stated, so nothing is judged."
    if broken:
        return f"FAILED: {len(broken)} of {len(bounds)} bounds broken: {', '.join(broken)}."
    return f"PASSED: all {len(bounds)} bounds kept."


def heading(result: Json) -> str:
    """What was done to which region."""
    return f"{Scenario(result['scenario']).heading} of {result['region']}"


def _target(result: Json) -> str:
    return "local twin of AWS" if result["target"] == "twin" else "real AWS"


def _parameters(result: Json) -> str:
    p = result["parameters"]
    return (
        f"{p['rate']:g} requests/s from {p['hosts']} client hosts; DNS TTL {p['dnsTtl']:g} s, "
        f"connections renewed after {p['poolAge']:g} s; seed {p['seed']}"
    )


def _moves(result: Json) -> list[str]:
    rows = [f"{'RTO, seconds':38}{'fresh':>10}{'pooled':>10}"]
    for name, by_client in result["rto"].items():
        label = f"  {MOVES.get(name, name)} {result['region']}"
        rows.append(f"{label:38}" + "".join(_rto(by_client.get(c)) for c in ("fresh", "pooled")))
        rows += _part_rows(result["rtoParts"].get(name, {}))
    requests = result["requests"]
    rows.append(
        f"Requests: {requests['requests']}, failed {requests['failed']}, "
        f"read before the order had replicated {requests['stale']}"
    )
    return rows


def _part_rows(by_client: Json) -> Iterator[str]:
    for part, words in PARTS.items():
        values = [by_client.get(client, {}).get(part) for client in ("fresh", "pooled")]
        if any(value is not None for value in values):
            yield f"    {words:34}" + "".join(f"{'-' if v is None else format(v, '.1f'):>10}" for v in values)


def _rto(seen: Json | None) -> str:
    if seen is None:
        return f"{'-':>10}"
    return f"{'' if seen['settled'] else '>'}{seen['seconds']:.1f}".rjust(10)


def _data(result: Json) -> list[str]:
    rpo, orders = result["rpo"], result["orders"]
    age = f", the oldest {rpo['oldestAge']:.2f} s old" if rpo["missing"] else ""
    everywhere = (
        "yes"
        if orders["everyAcknowledgedOrderInEveryRegion"]
        else f"no, {orders['missingSomewhere']} are not"
    )
    return [
        f"RPO ({RPO_MEANS}): {rpo['missing']} orders{age}",
        f"Replication lag: {_lag(result['replicationLag'])}",
        "After healing, by reading every region's tables:",
        f"  lost ({LOST_MEANS}): {orders['lost']} of {orders['acknowledged']} orders",
        f"  products sold to two orders: {orders['soldTwice']}",
        f"  every acknowledged order in every region: {everywhere}",
    ]


def _lag(lag: Json) -> str:
    measured, configured = lag["measured"].get("all"), lag["configured"]
    if measured is None:
        return "not measured"
    text = (
        f"p50 {measured['p50']:.2f} s, p99 {measured['p99']:.2f} s, max {measured['max']:.2f} s "
        f"({measured['samples']} probes)"
    )
    if configured["p50"] is not None:
        text += f"; configured p50 {configured['p50']:g} s, p99 {configured['p99']:g} s"
    return text


def _bound(bound: Json) -> str:
    note = f" ({bound['note']})" if bound["note"] else ""
    word = "kept  " if bound["kept"] else "BROKEN"
    value, most = (with_unit(bound[name], bound["unit"]) for name in ("value", "bound"))
    return f"  {word}  {bound['name']}: {value}, at most {most}{note}"


def with_unit(value: float | None, unit: str) -> str:
    """A number as it is read, `-` for none; only seconds repeat the unit that the name has."""
    return "-" if value is None else f"{value:g}{' s' if unit == 's' else ''}"
