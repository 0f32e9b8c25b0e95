"""The last word counts, by the time at which it was received, and not at which it was decided.

A word that waited on a node cut off from the log is decided long after one that the same person
said later, through another node. Where the later one counts already, it goes on counting.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rooms import limits
from rooms.commands import Envelope
from rooms.ports import BallotRecord, StanceRecord

_MARGIN = timedelta(seconds=limits.LAST_WORD_MARGIN_S)
_TO_COME = 4 * _MARGIN
"""More than the clocks of two nodes ever differ while neither jumps."""


def is_overtaken(
    envelope: Envelope, kept: BallotRecord | StanceRecord, now: datetime | None = None
) -> bool:
    """Whether what is kept of the same person on the same subject was said after this.

    Args:
        now: of the deciding node. What is kept of a time to come was kept by a clock that has
            jumped since, and says nothing of what was said after what.
    """
    if now is not None and kept.cast_at > now + _TO_COME:
        return False
    return kept.cast_at > envelope.received_at + _MARGIN
