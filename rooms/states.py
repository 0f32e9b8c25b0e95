"""States: latest value wins, conflated per room, versioned; and the snapshot in ``welcome``.

A state's ``version`` only grows within one ``welcome``. What a participant may not see is absent
from the bytes, not merely hidden on the page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from rooms.acts import Act
from rooms.events import RoundResult
from rooms.moderation.views import Moderation, OwnHeldChat
from rooms.participants import DisplayKind
from rooms.pulse.views import Pulse
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


class SongRequestView(Struct, frozen=True, omit_defaults=True):
    """One wish in a queue.

    Attributes:
        upvotes: people who support it; absent from the bytes of those who may not see the
            round's tally.
        rank: from 1, the next to be played first; absent once decided, and where the support is
            hidden.
        reason: what crew said when it was marked.
        entry_id: the setlist entry that it became.
        already_played: the same song stands in tonight's list as played.
    """

    song_request_id: str
    participant_id: str
    display_name: str
    title: str
    status: str
    requested_at: datetime
    upvotes: int | None = None
    rank: int | None = None
    song_id: str | None = None
    reason: str | None = None
    entry_id: str | None = None
    already_played: bool = False


class SongRequests(Struct, frozen=True):
    """``song_requests`` data: one queue in the order in which it is fair to play it.

    ``round_id`` of ``""``: the show's standing queue. ``requests`` are the first
    `rooms.limits.SONG_REQUESTS_SHOWN`: what is being played, the undecided ones by rank (where
    the support is hidden: as they came), then what was decided, the latest first. ``waiting``
    counts all that are undecided.
    """

    round_id: str
    requests: list[SongRequestView]
    waiting: int


class LeaderboardEntry(Struct, frozen=True, omit_defaults=True):
    """A song's standing over rounds. Equal scores share a ``rank`` (1, 1, 3)."""

    rank: int
    label: str
    votes: int
    voters: int
    rounds: int
    wins: int
    song_id: str | None = None


class Leaderboard(Struct, frozen=True):
    """``leaderboard`` data: over all rounds of the show whose result this audience may see.

    ``voters`` are distinct ballots, one per round and person.
    """

    entries: list[LeaderboardEntry]
    rounds: int
    votes: int
    voters: int


class Confidence(Struct, frozen=True, omit_defaults=True):
    """``confidence`` data: how sure an entry is. The rule stands in ``docs/accuracy.md``.

    Attributes:
        confidence: C, from 0 to 1, rounded to three digits.
        state: ``confirmed``, ``disputed`` or ``struck``.
        up: people who say it is right.
        down: people who say it is wrong.
        weight: the sum of their weights, clusters capped, rounded to two digits.
        confirmed_by_crew: crew or a curator vouch for it.
        sealed: part of the artist's seal, which wins the display.
    """

    entry_id: str
    confidence: float
    state: str
    up: int
    down: int
    weight: float
    confirmed_by_crew: bool = False
    sealed: bool = False


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
    seed_hash: str | None = None
    runoff_of: str | None = None
    stage_of: str | None = None
    stage: int = 1
    supersedes: str | None = None
    superseded_by: str | None = None


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
    announcement_id: str = ""


class SetlistView(Struct, frozen=True):
    """The setlist for clients without Yjs, in playing order."""

    locked: bool
    entries: list[dict[str, Any]]


class RoomSnapshot(Struct, frozen=True):
    """``state`` of a ``welcome`` that is not ``recovered``.

    ``moderation``, ``pulse`` and ``acts`` are crew's; null for others. ``acts``: what was last
    done, by the id of the round or song request, or by ``setlist``, ``setlist_lock``, ``seal``,
    ``now_playing``, ``announcement``, ``slow_mode``, ``word_filter``, ``show``.
    """

    show: ShowFacts
    setlist: SetlistView
    rounds: list[RoundView]
    chat: list[ChatView]
    slow_mode_interval_s: int
    head_count: HeadCount
    reactions: ReactionCounts
    song_requests: list[SongRequests]
    leaderboard: Leaderboard
    confidence: list[Confidence]
    now_playing: NowPlaying | None = None
    announcement: Announcement | None = None
    sealed: bool = False
    moderation: Moderation | None = None
    pulse: Pulse | None = None
    acts: dict[str, Act] | None = None


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
    upvotes: list[str]
    """Song requests that the participant supports."""
    ratings: dict[str, int]
    """Setlist entries that the participant rated: 1 or -1."""
    muted_until: datetime | None = None
    """``None`` when not muted; year 9999 when muted for good."""
    display: DisplayKind | None = None
    """The kind of a display, which is nobody: not in the head count, ``can`` is empty."""
    held: list[OwnHeldChat] = []
    """Own chat lines that wait for crew; nobody else knows of them."""
