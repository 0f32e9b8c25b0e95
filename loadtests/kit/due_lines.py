"""Chat lines that say when they were due, so that whoever hears one knows how long it took."""

from __future__ import annotations

MARK = b'"text":"@'
"""How a line begins whose due moment stands in it."""


def line(due: float, words: str) -> str:
    """A chat line that carries its due moment (monotonic clock), so that any process of this
    machine can say how long it took."""
    return f"@{int(due * 1e6)} {words}"


def due_of(payload: bytes) -> float | None:
    """The due moment of a line that carries one."""
    at = payload.find(MARK)
    if at < 0:
        return None
    start = at + len(MARK)
    end = payload.find(b" ", start, start + 20)
    return int(payload[start:end]) / 1e6 if end > 0 else None
