"""A drill's result as one HTML file: the picture and the summary."""

from collections.abc import Mapping
from html import escape
from typing import Any

from ops.drill.summary import heading, summary
from ops.drill.timeline import timeline

STYLE = (
    ":root{color-scheme:light dark}body{margin:0 auto;max-width:760px;padding:12px;"
    "font:16px/1.45 system-ui,sans-serif;background:#fff;color:#1f2328}"
    "svg{width:100%;height:auto;display:block}pre{overflow-x:auto;font-size:13px;line-height:1.5}"
    "@media (prefers-color-scheme:dark){body{background:#0d1117;color:#f0f6fc}}"
)


def page(result: Mapping[str, Any]) -> str:
    """A document without scripts or outside files."""
    title = f"{heading(result)}, {result['startedAt']}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1>{timeline(result)}<pre>{escape(summary(result))}</pre></body></html>\n"
    )
