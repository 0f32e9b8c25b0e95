"""JSON inside a page."""

from __future__ import annotations

from markupsafe import Markup

_ESCAPED = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026",
            0x2028: "\\u2028", 0x2029: "\\u2029"}  # fmt: skip


def json_in_html(encoded: bytes) -> Markup:
    """JSON that can stand inside a ``script`` element: nothing in it ends the element."""
    return Markup(encoded.decode().translate(_ESCAPED))
