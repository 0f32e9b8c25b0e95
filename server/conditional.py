"""Answers that a caller may have already (RFC 9110 section 13)."""

from __future__ import annotations

import hashlib
from typing import Any

from litestar import Request


def tag_of(body: bytes) -> str:
    """A strong entity tag: equal bytes have equal tags, on every node."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def has_tag(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether the caller has this answer already (section 13.1.2)."""
    known = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in known.split(","))
