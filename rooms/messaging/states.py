"""The life of a message, and which steps it may take.

A message only ever moves forward: what a carrier says late or twice changes nothing. While it is
tried, it stays `SENDING`; `UNKNOWN` means that the carrier may have it, and that nobody may send
it again before the carrier has been asked.

::

    scheduled → queued → sending ⇄ unknown → sent → delivered
        └──────────┴─────────┴─────────┴───────┴──→ failed | suppressed | cancelled
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class MessageState(StrEnum):
    """Where a message is."""

    SCHEDULED = "scheduled"
    """Its time has not come."""
    QUEUED = "queued"
    """It is due."""
    SENDING = "sending"
    """It is being handed over, or will be tried again."""
    UNKNOWN = "unknown"
    """It was handed over and nobody knows whether it was taken."""
    SENT = "sent"
    """The carrier, or the mail server, has it."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It did not arrive; ``reason`` says why."""
    SUPPRESSED = "suppressed"
    """Whom it is for wants nothing from this sender."""
    CANCELLED = "cancelled"
    """It was taken back, or its time had passed."""


RANKS: Mapping[MessageState, int] = {
    MessageState.SCHEDULED: 0,
    MessageState.QUEUED: 1,
    MessageState.SENDING: 2,
    MessageState.UNKNOWN: 2,
    MessageState.SENT: 3,
    MessageState.DELIVERED: 4,
    MessageState.FAILED: 4,
    MessageState.SUPPRESSED: 4,
    MessageState.CANCELLED: 4,
}
"""Order of the states. Also in ``storage/migrations/m0018_messages.py``, as a trigger."""

FINAL_RANK = 4


def may_step(before: MessageState, after: MessageState) -> bool:
    """Whether a message may go from one state to the other."""
    if before == after:
        return False
    return RANKS[before] < FINAL_RANK and RANKS[after] >= RANKS[before]


def is_final(state: MessageState) -> bool:
    """Whether nothing can happen to it any more."""
    return RANKS[state] == FINAL_RANK
