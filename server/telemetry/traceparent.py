"""``traceparent``: W3C Trace Context, section 3.2, version 00."""

from __future__ import annotations

import re
from typing import Final

from opentelemetry.trace import SpanContext, TraceFlags

_VERSION_00: Final = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def read_traceparent(text: str) -> SpanContext | None:
    """The caller's span; ``None``: this is none, which is not an error (section 4.3)."""
    found = _VERSION_00.fullmatch(text)
    if found is None:
        return None
    context = SpanContext(
        int(found[1], 16),
        int(found[2], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(found[3], 16)),
    )
    return context if context.is_valid else None


def write_traceparent(context: SpanContext) -> str:
    """A span for those who come after it."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
