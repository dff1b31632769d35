"""The API's description for people: one self-contained page made from the OpenAPI document."""

import html
import json
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "h2{border-bottom:1px solid #d0d7de;padding-bottom:.2rem;margin-top:2rem}"
    "code{background:#f2f4f6;padding:.1rem .3rem}"
    "pre{background:#f2f4f6;padding:1rem;overflow:auto}.verb{color:#0550ae;font-weight:600}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}code,pre{background:#161b22}}"
)


def page(document: str) -> str:
    """HTML with every route, what it does and the schemas it speaks; no script, nothing fetched."""
    api = json.loads(document)
    routes = "".join(_route(path, verb, told) for path, verbs in api["paths"].items() for verb, told in verbs.items())
    schemas = "".join(_schema(name, body) for name, body in sorted(api["components"]["schemas"].items()))
    title = html.escape(api["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{html.escape(api['info'].get('description', ''))}</p>"
        f'<p>Machine-readable: <a href="openapi.json">openapi.json</a></p>{routes}<h2>Schemas</h2>{schemas}</html>'
    )


def _route(path: str, verb: str, told: dict[str, Any]) -> str:
    codes = ", ".join(f"<code>{html.escape(code)}</code>" for code in told["responses"])
    words = html.escape(told.get("summary", ""))
    return f'<h2><span class="verb">{verb.upper()}</span> {html.escape(path)}</h2><p>{words}</p><p>Replies {codes}</p>'


def _schema(name: str, body: dict[str, Any]) -> str:
    return (
        f"<details><summary>{html.escape(name)}</summary><pre>{html.escape(json.dumps(body, indent=2))}</pre></details>"
    )
