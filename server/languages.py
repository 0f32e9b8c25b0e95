"""The language that a browser asks for (RFC 9110 §12.5.4)."""

from __future__ import annotations

import re
from collections.abc import Collection

_LANGUAGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d+)?))?\s*")
_PARTS_MAX = 20


def preferred_language(accept_language: str, known: Collection[str]) -> str | None:
    """The one that is wanted most of those that are known; ``None``: none of them."""
    best, quality = None, 0.0
    for part in accept_language.split(",")[:_PARTS_MAX]:
        match = _LANGUAGE.fullmatch(part)
        if match is None or match[1].lower() not in known:
            continue
        weight = float(match[2]) if match[2] else 1.0
        if weight > quality:
            best, quality = match[1].lower(), weight
    return best
