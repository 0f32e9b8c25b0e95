"""States: latest value wins, conflated per room, versioned; and the snapshot in ``welcome``.

A state's ``version`` only grows within one ``welcome``. What a participant may not see is absent
from the bytes, not merely hidden on the page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from rooms.events import RoundResult
from rooms.show import ShowFacts
from rooms.vote_config import Pick, VoteConfig

REACTIONS = ("love", "fire", "clap", "wow", "sing", "tears")
"""Kinds that ``react`` knows; clients draw them as they like."""


class Tally(Struct, frozen=True):
    """``tally`` data: votes per option id, votes and voters in all."""

    round_id: str
    options: dict[str, int]
    votes: int
    voters: int


class HeadCount(Struct, frozen=True):
    """``head_count`` data: distinct participants connected, all nodes together."""

    participants: int


class ReactionCounts(Struct, frozen=True):
    """``reactions`` data: reactions since the show began, by kind."""

    counts: dict[str, int]


class RoundView(Struct, frozen=True, omit_defaults=True):
    """A round as one audience sees it.

    ``result`` is there once the round is closed and this audience may see it; ``tally`` while it
    is open and this audience may see that.
    """

    round_id: str
    status: str
    config: VoteConfig
    config_hash: str
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    result: RoundResult | None = None
    tally: Tally | None = None


class ChatView(Struct, frozen=True):
    """A chat line in the snapshot."""

    chat_message_id: str
    participant_id: str
    display_name: str
    role: str
    text: str
    at: datetime


class NowPlaying(Struct, frozen=True):
    """The entry being played, since when."""

    entry_id: str
    title: str
    at: datetime


class Announcement(Struct, frozen=True):
    """The newest announcement."""

    text: str
    display_name: str
    at: datetime


class SetlistView(Struct, frozen=True):
    """The setlist for clients without Yjs, in playing order."""

    locked: bool
    entries: list[dict[str, Any]]


class RoomSnapshot(Struct, frozen=True):
    """``state`` of a ``welcome`` that is not ``recovered``."""

    show: ShowFacts
    setlist: SetlistView
    rounds: list[RoundView]
    chat: list[ChatView]
    slow_mode_interval_s: int
    head_count: HeadCount
    reactions: ReactionCounts
    now_playing: NowPlaying | None = None
    announcement: Announcement | None = None


class OwnBallot(Struct, frozen=True):
    """The participant's own current choice in a round."""

    round_id: str
    picks: tuple[Pick, ...]


class You(Struct, frozen=True):
    """``you`` in ``welcome``: who this socket is, and what it may do."""

    participant_id: str
    role: str
    can: list[str]
    display_name: str
    guest: bool
    admitted: bool
    ballots: list[OwnBallot]
    muted_until: datetime | None = None
    """``None`` when not muted; year 9999 when muted for good."""
