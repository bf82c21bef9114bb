"""The result of a drill as a page of text; everything is read from the result document."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

HEADINGS = {"evacuate": "Evacuation", "outage": "Outage"}
MOVES = {"switch": "traffic leaves", "back": "traffic comes back to"}


def summary(result: Json) -> str:
    """Some 25 lines for a terminal."""
    lines = [
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


def heading(result: Json) -> str:
    """What was done to which region."""
    return f"{HEADINGS.get(result['scenario'], result['scenario'])} of {result['region']}"


def _target(result: Json) -> str:
    return "local twin of AWS" if result["target"] == "twin" else "real AWS"


def _parameters(result: Json) -> str:
    p = result["parameters"]
    return (
        f"{p['rate']:g} requests/s from {p['hosts']} client hosts; DNS TTL {p['dnsTtl']:g} s, "
        f"connections renewed after {p['poolAge']:g} s; seed {p['seed']}"
    )


def _moves(result: Json) -> list[str]:
    rows = [f"{'RTO (s)':38}{'fresh':>10}{'pooled':>10}"]
    for name, by_client in result["rto"].items():
        label = f"  {MOVES.get(name, name)} {result['region']}"
        rows.append(f"{label:38}" + "".join(_rto(by_client.get(c)) for c in ("fresh", "pooled")))
    requests = result["requests"]
    rows.append(
        f"Requests: {requests['requests']}, failed {requests['failed']}, "
        f"read before the order had replicated {requests['stale']}"
    )
    return rows


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
        f"RPO at the switch: {rpo['missing']} acknowledged orders not in the survivor{age}",
        f"Replication lag: {_lag(result['replicationLag'])}",
        "After healing, by reading every region's tables:",
        f"  acknowledged orders {orders['acknowledged']}, lost {orders['lost']}, "
        f"products sold twice {orders['soldTwice']}",
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
    value = "-" if bound["value"] is None else f"{bound['value']:g}"
    note = f" ({bound['note']})" if bound["note"] else ""
    word = "kept  " if bound["kept"] else "BROKEN"
    return f"  {word}  {bound['name']}: {value}, at most {bound['bound']:g}{note}"
