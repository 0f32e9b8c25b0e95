"""Events: what happened in a room. Past tense, durable, in ``seq`` order, never dropped.

``EventData`` structs are the ``data`` of the wire's ``event`` messages and of the stored rows.
Where crew sees more than others an event has ``crew_data`` as well: the same struct, filled.
Every door, replay and cache projects an event in the same way: `Event.data_for`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from rooms.show import ShowStatus
from rooms.vote_config import VoteConfig


class RoundResult(Struct, frozen=True, omit_defaults=True):
    """The final count of a round: votes and voters, the configuration's hash, any seed.

    ``winners`` holds every option that shares the highest count; none without a vote.
    """

    options: dict[str, int]
    votes: int
    voters: int
    winners: tuple[str, ...]
    config_hash: str
    quorum_met: bool = True
    seed: str | None = None


class EventData(Struct, frozen=True, omit_defaults=True):
    """Base of all event payloads."""


class ChatPosted(EventData, frozen=True):
    """``chat_posted``."""

    chat_message_id: str
    participant_id: str
    display_name: str
    text: str
    role: str = "fan"


class ChatRemoved(EventData, frozen=True):
    """``chat_removed``: by its author or by crew."""

    chat_message_id: str
    removed_by: str


class RoundOpened(EventData, frozen=True):
    """``round_opened``: votes count until ``closes_at`` (``None``: until closed by hand)."""

    round_id: str
    config: VoteConfig
    config_hash: str
    opened_at: datetime
    closes_at: datetime | None = None


class RoundExtended(EventData, frozen=True):
    """``round_extended``."""

    round_id: str
    closes_at: datetime


class RoundClosed(EventData, frozen=True):
    """``round_closed``: ``result`` only where everybody may see it."""

    round_id: str
    closed_at: datetime
    result: RoundResult | None = None


class RoundRevealed(EventData, frozen=True):
    """``round_revealed``: the result of a round that was hidden."""

    round_id: str
    result: RoundResult | None = None


class EntryChanged(Struct, frozen=True, omit_defaults=True):
    """One setlist entry in ``setlist_changed``.

    Attributes:
        entry_id: the entry.
        kind: ``added``, ``changed``, ``moved`` or ``removed``.
        before: the changed fields' values before; absent for ``added``.
        after: the fields' values now; the whole entry for ``added``; absent for ``removed``.
    """

    entry_id: str
    kind: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class SetlistChanged(EventData, frozen=True):
    """``setlist_changed``: who changed which entries. The Yjs update lies beside it."""

    participant_id: str
    display_name: str
    entries: tuple[EntryChanged, ...]


class SetlistLocked(EventData, frozen=True):
    """``setlist_locked``."""

    participant_id: str


class SetlistUnlocked(EventData, frozen=True):
    """``setlist_unlocked``."""

    participant_id: str


class NowPlayingChanged(EventData, frozen=True):
    """``now_playing_changed``: ``entry_id`` absent when nothing is being played."""

    participant_id: str
    entry_id: str | None = None
    title: str | None = None


class AnnouncementPosted(EventData, frozen=True):
    """``announcement_posted``."""

    participant_id: str
    display_name: str
    text: str


class ParticipantMuted(EventData, frozen=True):
    """``participant_muted``: until ``until``; without it, for good. ``lifted``: may speak again."""

    participant_id: str
    until: datetime | None = None
    lifted: bool = False


class ParticipantRemoved(EventData, frozen=True):
    """``participant_removed``."""

    participant_id: str


class SlowModeSet(EventData, frozen=True):
    """``slow_mode_set``: one line per fan in ``interval_s`` seconds; 0 is off."""

    interval_s: int


class ShowStatusChanged(EventData, frozen=True):
    """``show_status_changed``."""

    status: ShowStatus
    previous: ShowStatus


EVENT_TYPES: dict[str, type[EventData]] = {
    "chat_posted": ChatPosted,
    "chat_removed": ChatRemoved,
    "round_opened": RoundOpened,
    "round_extended": RoundExtended,
    "round_closed": RoundClosed,
    "round_revealed": RoundRevealed,
    "setlist_changed": SetlistChanged,
    "setlist_locked": SetlistLocked,
    "setlist_unlocked": SetlistUnlocked,
    "now_playing_changed": NowPlayingChanged,
    "announcement_posted": AnnouncementPosted,
    "participant_muted": ParticipantMuted,
    "participant_removed": ParticipantRemoved,
    "slow_mode_set": SlowModeSet,
    "show_status_changed": ShowStatusChanged,
}
"""Wire name → payload struct."""

EVENT_NAMES: dict[type[EventData], str] = {kind: name for name, kind in EVENT_TYPES.items()}


class Event(Struct, frozen=True):
    """One durable fact of a room's log.

    Attributes:
        seq: place in the log, from 1, without gaps.
        at: when it was received; never earlier than the event before it.
        data: what everybody gets.
        crew_data: what crew gets instead, where it differs.
        participant_id: who did it (`SYSTEM` for timers).
        update: the Yjs update of ``setlist_changed``, as produced by the twin.
        clients: Yjs client ids that this update bound to ``participant_id`` for good.
    """

    seq: int
    at: datetime
    data: EventData
    participant_id: str
    crew_data: EventData | None = None
    update: bytes | None = None
    clients: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The wire name."""
        return EVENT_NAMES[type(self.data)]

    def data_for(self, *, crew: bool) -> EventData:
        """The payload for one audience: the only projection there is."""
        return self.crew_data if crew and self.crew_data is not None else self.data


def decode_event_data(name: str, data: bytes | str) -> EventData:
    """Reads a stored payload back into its struct.

    Raises:
        KeyError: the name is of no known event.
        msgspec.DecodeError: the payload is not of that event.
    """
    return msgspec.json.decode(data, type=EVENT_TYPES[name])
