"""The model card: what is known of a version, for people, as Markdown or as one HTML page."""

from collections.abc import Mapping
from typing import Any, Literal

from fraud.versions.card import html, markdown

Format = Literal["markdown", "html"]


def render(view: Mapping[str, Any], wanted: Format | None, accept: str) -> tuple[str, str]:
    """Content type and text of a version's card: as wanted, else HTML for an Accept header that names it.

    Raises msgspec.ValidationError when the view is not a version's.
    """
    kinds = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    prefers_html = "text/html" in kinds and "text/markdown" not in kinds
    if wanted == "html" or (wanted is None and prefers_html):
        return "text/html; charset=utf-8", html.page(view)
    return "text/markdown; charset=utf-8", markdown.document(view)
