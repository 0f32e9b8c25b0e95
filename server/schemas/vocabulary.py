"""Which structs the wire consists of: the one list that every generator walks."""

from __future__ import annotations

from rooms.commands import WIRE_COMMANDS, Command
from rooms.events import EVENT_TYPES, EventData
from rooms.messages import (
    Ack,
    CloseCode,
    Reject,
    SetlistRefused,
    SetlistSaved,
)
from rooms.pulse.views import Pulse
from rooms.states import (
    Confidence,
    HeadCount,
    Leaderboard,
    ReactionCounts,
    RoomSnapshot,
    SongRequests,
    Tally,
    You,
)
from rooms.vote_config import VoteConfig

STATES: dict[str, type] = {
    "tally": Tally,
    "head_count": HeadCount,
    "reactions": ReactionCounts,
    "song_requests": SongRequests,
    "leaderboard": Leaderboard,
    "confidence": Confidence,
    "pulse": Pulse,
}
"""Name of a ``state`` message → its ``data``."""

EVENTS: dict[str, type[EventData]] = dict(EVENT_TYPES)
"""Name of an ``event`` message → its ``data``."""

COMMANDS: dict[str, type[Command]] = dict(WIRE_COMMANDS)
"""Name of a ``command`` message → its ``args``."""

PLAIN_MESSAGES: tuple[type, ...] = (Ack, Reject, SetlistSaved, SetlistRefused)
"""Server messages whose struct says everything."""

PARTS: tuple[type, ...] = (You, RoomSnapshot, VoteConfig)
"""Structs inside messages whose field is raw JSON in Python."""


def close_codes() -> dict[str, int]:
    """Close codes by name, in numerical order."""
    named = {
        name.lower(): value for name, value in vars(CloseCode).items() if isinstance(value, int)
    }
    return dict(sorted(named.items(), key=lambda item: item[1]))


def first_line(kind: type) -> str:
    """The first sentence of a struct's docstring."""
    text = (kind.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(text.split())
