"""What a fan's command was answered with, and what went wrong, for counting."""

from __future__ import annotations

import time
from collections.abc import Callable

from loadtests.kit.recorder import Recorder
from loadtests.wire.messages import Ack, Reject

Answered = Callable[[Ack | Reject], None]


def code_of(error: BaseException) -> str:
    """A short name of what went wrong, for counting."""
    code = getattr(error, "code", None)
    return str(code) if isinstance(code, str) else type(error).__name__


def took_or_failed(recorder: Recorder, operation: str, since: float) -> Answered:
    """Records an answer: its latency from ``since``, or its code."""

    def answered(answer: Ack | Reject) -> None:
        if isinstance(answer, Ack):
            recorder.took(operation, time.monotonic() - since)
        else:
            recorder.failed(operation, answer.code)

    return answered
