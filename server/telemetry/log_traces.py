"""Trace ids in log lines."""

from __future__ import annotations

from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger


def trace_of_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: ``trace_id``, where the line belongs to a trace that is kept."""
    context = trace.get_current_span().get_span_context()
    if context.trace_flags.sampled:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event
