"""One message to many: its states, and what may be done in each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from rooms.messaging.kinds import Channel, MessageKind
from rooms.sms.languages import Language


class BroadcastState(StrEnum):
    """Where a broadcast is."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    """Each of its messages has been handed over, or never will be."""
    CANCELLED = "cancelled"


class Audience(Struct, frozen=True, omit_defaults=True):
    """Whom of a show's active people. ``languages``: these alone; ``None``: all."""

    languages: tuple[Language, ...] | None = None


class Broadcast(Struct, frozen=True, kw_only=True):
    """A row of ``broadcasts``.

    Attributes:
        channels: in order of preference; a person gets it by the first that reaches them.
        texts: own words by language.
        round_id: what a NUDGE is about.
        expires_at: what has not gone by then does not go.
        recipients, segments, cost_micros: the estimate at its making.
        created_by: an account; ``None``: the show's life made it.
    """

    broadcast_id: str
    show_id: str
    kind: MessageKind
    state: BroadcastState
    channels: tuple[Channel, ...]
    texts: Mapping[Language, str]
    audience: Audience
    dedupe_key: str
    created_at: datetime
    send_at: datetime
    round_id: str | None = None
    expires_at: datetime | None = None
    created_by: str | None = None
    recipients: int = 0
    segments: int = 0
    cost_micros: int = 0
    cost_currency: str = "USD"
    expanded_at: datetime | None = None
    finished_at: datetime | None = None


DEEDS: Mapping[BroadcastState, tuple[str, ...]] = {
    BroadcastState.SCHEDULED: ("pause", "cancel"),
    BroadcastState.SENDING: ("pause", "cancel"),
    BroadcastState.PAUSED: ("resume", "cancel"),
    BroadcastState.DONE: (),
    BroadcastState.CANCELLED: (),
}
"""What crew may do with a broadcast in each state."""


def automatic_key(kind: MessageKind, show_id: str) -> str:
    """``dedupe_key`` of what a show gets once: its RESULTS and its RECAP."""
    return f"{kind}:{show_id}"
