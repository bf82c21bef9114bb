"""A drill's result as one HTML file: what it came to in large figures, the picture, the tables, the text."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from ops.drill.report.summary import (
    LOST_MEANS,
    MOVES,
    PARTS,
    RPO_MEANS,
    heading,
    summary,
    verdict,
    with_unit,
)
from ops.drill.report.timeline import timeline

Json = Mapping[str, Any]

STYLE = """
:root{color-scheme:light dark;
--paper:#fff;--ink:#1f2328;--dim:#59636e;--line:#d1d9e0;--good:#1a7f37;--bad:#cf222e}
@media (prefers-color-scheme:dark){
:root{--paper:#0d1117;--ink:#f0f6fc;--dim:#9198a1;--line:#3d444d;--good:#3fb950;--bad:#f85149}}
body{margin:0 auto;max-width:760px;padding:16px 12px;font:16px/1.45 system-ui,sans-serif;
background:var(--paper);color:var(--ink);overflow-wrap:break-word}
.verdict{font-weight:600;margin:0 0 6px}
h1{font-size:24px;line-height:1.25;margin:0}h2{font-size:17px;margin:22px 0 6px}
.note{color:var(--dim);margin:2px 0 14px;font-size:15px}.good{color:var(--good)}.bad{color:var(--bad)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(200px,45%),1fr));gap:10px;
margin:0 0 14px;padding:0}
.figures li{list-style:none;border:1px solid var(--line);border-radius:8px;padding:8px 12px}
.figures b{display:block;font-size:26px;line-height:1.2}.figures span{color:var(--dim);font-size:14px}
svg{width:100%;height:auto;display:block}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:5px 8px 5px 0;border-top:1px solid var(--line)}
th{font-weight:600}.number{text-align:right}td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
@media(max-width:480px){table{font-size:.8em}th,td{padding-right:4px}}
summary{cursor:pointer;margin-top:22px}pre{overflow-x:auto;font-size:13px;line-height:1.5}
""".replace("\n", "")


def page(result: Json) -> str:
    """A document without scripts or outside files."""
    title = heading(result)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"{_verdict(result)}<h1>{escape(title)}</h1>{_where_and_when(result)}{_figures(result)}"
        f"{timeline(result)}{_recovery(result)}{_parts(result)}{_bounds(result)}{_parameters(result)}"
        f"<details><summary>All of it as text</summary><pre>{escape(summary(result))}</pre></details>"
        "</body></html>\n"
    )


def _verdict(result: Json) -> str:
    tone = _tone(all(bound["kept"] for bound in result["bounds"]) if result["bounds"] else None)
    return f'<p class="verdict {tone}">{escape(verdict(result))}</p>'


def _where_and_when(result: Json) -> str:
    place = "the local twin of AWS" if result["target"] == "twin" else "real AWS"
    moment = datetime.fromisoformat(result["startedAt"])
    when = f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname()}"
    return f'<p class="note">{escape(result["domain"])} on {place}, {when}</p>'


def _figures(result: Json) -> str:
    """What it came to: how long customers noticed, what failed, what was lost."""
    requests, orders = result["requests"], result["orders"]
    failed = f"failed of {requests['requests']} requests"
    figures = [
        *_noticed(result),
        (str(requests["failed"]), failed, None),
        (str(result["rpo"]["missing"]), f"RPO in orders: {RPO_MEANS}", None),
        (
            str(orders["lost"]),
            f"orders lost of {orders['acknowledged']}: {LOST_MEANS}",
            orders["lost"] == 0,
        ),
        (str(orders["soldTwice"]), "products sold to two orders", orders["soldTwice"] == 0),
    ]
    items = (
        f'<li><b class="{_tone(good)}">{escape(value)}</b><span>{escape(words)}</span></li>'
        for value, words, good in figures
    )
    return f'<ul class="figures">{"".join(items)}</ul>'


def _noticed(result: Json) -> Iterator[tuple[str, str, bool | None]]:
    for client, seen in result["rto"].get("switch", {}).items():
        yield _seconds(seen), f"until {client} clients had recovered (RTO)", None


def _tone(good: bool | None) -> str:
    return {True: "good", False: "bad", None: ""}[good]


def _seconds(seen: Json) -> str:
    return f"{'' if seen['settled'] else 'over '}{seen['seconds']:.1f} s"


def _recovery(result: Json) -> str:
    region = escape(result["region"])
    rows = [
        f"<tr><td>{escape(MOVES.get(move, move))} {region}</td><td>{escape(client)}</td>"
        f'<td class="number">{_seconds(seen)}</td>'
        f'<td class="number">{seen["failed"]} of {seen["requests"]}</td></tr>'
        for move, by_client in result["rto"].items()
        for client, seen in by_client.items()
    ]
    head = '<th>Move</th><th>Clients</th><th class="number">RTO</th><th class="number">Failed</th>'
    return f"<h2>Recovery</h2><table><tr>{head}</tr>{''.join(rows)}</table>"


def _parts(result: Json) -> str:
    """What each RTO is made of, in seconds."""
    rows = [
        f"<tr><td>{escape(MOVES.get(move, move))} {escape(result['region'])}</td><td>{escape(client)}</td>"
        + "".join(f'<td class="number">{_part(seconds.get(part))}</td>' for part in PARTS)
        + "</tr>"
        for move, by_client in result["rtoParts"].items()
        for client, seconds in by_client.items()
    ]
    names = "".join(f'<th class="number">{escape(words)}</th>' for words in PARTS.values())
    return (
        f"<h2>What the RTO is made of</h2><table><tr><th>Move</th><th>Clients</th>{names}</tr>"
        f"{''.join(rows)}</table>"
    )


def _part(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"


def _parameters(result: Json) -> str:
    """Every parameter that shaped the result, as the result document names it; times are in seconds."""
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{escape(value)}</td></tr>'
        for name, value in _flat(result["parameters"])
    )
    return f"<h2>Parameters</h2><table>{rows}</table>"


def _flat(values: Json, before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _bounds(result: Json) -> str:
    if not result["bounds"]:
        return ""
    rows = "".join(_bound(bound) for bound in result["bounds"])
    head = '<th></th><th>Bound</th><th class="number">Measured</th><th class="number">At most</th>'
    return f"<h2>Bounds</h2><table><tr>{head}</tr>{rows}</table>"


def _bound(bound: Json) -> str:
    value, most = (with_unit(bound[name], bound["unit"]) for name in ("value", "bound"))
    note = f' <span class="note">({escape(bound["note"])})</span>' if bound["note"] else ""
    word = "kept" if bound["kept"] else "broken"
    return (
        f'<tr><td class="{_tone(bound["kept"])}">{word}</td><td>{escape(bound["name"])}{note}</td>'
        f'<td class="number">{value}</td><td class="number">{most}</td></tr>'
    )
