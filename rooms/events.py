"""Events: what happened in a room. Past tense, durable, in ``seq`` order, never dropped.

``EventData`` structs are the ``data`` of the wire's ``event`` messages and of the stored rows.
Where crew sees more than others an event has ``crew_data`` as well: the same struct, filled.
Every door, replay and cache projects an event in the same way: `Event.data_for`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from rooms.acts import Actor
from rooms.moderation.views import WordFilterMode
from rooms.show import ShowStatus
from rooms.vote_config import VoteConfig

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of what has none: a mute until further notice."""


class Elimination(Struct, frozen=True):
    """One counting round of an instant runoff: ballots per option still in, and who leaves."""

    counts: dict[str, int]
    eliminated: tuple[str, ...]
    exhausted: int = 0


class ClassCount(Struct, frozen=True):
    """What one class of voters (``audience``, ``artist``, ``jury``) or channel gave."""

    options: dict[str, int]
    votes: int
    voters: int


class Match(Struct, frozen=True, omit_defaults=True):
    """One pairing of a bracket's stage. ``winner`` is absent on a tie that is not broken."""

    options: tuple[str, ...]
    counts: dict[str, int]
    winner: str | None = None


class RoundResult(Struct, frozen=True, omit_defaults=True):
    """The final count of a round: votes and voters, the configuration's hash, any seed.

    Attributes:
        options: the method's score of every option.
        winners: who won; every option that shares the highest score while a tie stands; none
            without a vote or below the quorum.
        tied: the options that were tied first, where a tie rule was applied or is awaited.
        tie_rule: the rule that decided (``runoff``, ``artist``, ``seeded_random``), or
            ``artist_awaited`` until the artist has.
        seed: revealed with the result of a round that may be drawn by lot. ``round_opened`` gave
            its SHA-256 (``seed_hash``): nobody could choose it afterwards.
        elimination: the counting rounds of ``irv``, in order.
        classes: by class of voter, where more than one has weight.
        channels: voters by channel.
        matches: the pairings of a bracket's stage.
        labels: what each option is called, for a ``queue`` whose options are song requests.
        next_round_id: the runoff or the next stage of the bracket, opened by this close.
        supporters: ballots that speak for an option, whatever its score: that name it, rank it,
            give it points or +1.
        held: ballots that were held for review and never released; they count nowhere.
    """

    options: dict[str, int]
    votes: int
    voters: int
    winners: tuple[str, ...]
    config_hash: str
    quorum_met: bool = True
    seed: str | None = None
    tied: tuple[str, ...] = ()
    tie_rule: str | None = None
    elimination: tuple[Elimination, ...] = ()
    classes: dict[str, ClassCount] = {}
    channels: dict[str, int] = {}
    matches: tuple[Match, ...] = ()
    labels: dict[str, str] = {}
    next_round_id: str | None = None
    supporters: dict[str, int] = {}
    held: int = 0


class EventData(Struct, frozen=True, omit_defaults=True):
    """Base of all event payloads.

    ``by`` in a payload is who did it, told to crew alone: it is filled in ``crew_data`` only.

    Attributes:
        crew_only: nobody else may know of it. They get `CrewOnly` in its place.
    """

    crew_only: ClassVar[bool] = False


class CrewOnly(EventData, frozen=True):
    """``crew_only``: something that concerns the crew alone. It says nothing, and moves a place
    in the log."""


class ChatPosted(EventData, frozen=True):
    """``chat_posted``. ``released_by``: told to crew, of a line that was held."""

    chat_message_id: str
    participant_id: str
    display_name: str
    text: str
    role: str = "fan"
    released_by: Actor | None = None


class ChatRemoved(EventData, frozen=True):
    """``chat_removed``: by its author or by crew. A line that was held is in no one's chat; its
    author learns that it will not be posted."""

    chat_message_id: str
    removed_by: str
    by: Actor | None = None


class ChatHeld(EventData, frozen=True):
    """``chat_held``: a line waits for crew. ``matched``: what it was held for."""

    crew_only: ClassVar[bool] = True

    chat_message_id: str
    participant_id: str
    display_name: str
    text: str
    matched: tuple[str, ...]
    role: str = "fan"


class ChatReported(EventData, frozen=True):
    """``chat_reported``: how many people reported a line, and why. Who they are is told to nobody.

    ``participant_id``, ``display_name`` and ``text`` are the line's, the latter two where it is
    among the newest.
    """

    crew_only: ClassVar[bool] = True

    chat_message_id: str
    participant_id: str
    reason: str
    reports: int
    reasons: dict[str, int]
    display_name: str = ""
    text: str = ""


class ChatReportsDismissed(EventData, frozen=True):
    """``chat_reports_dismissed``: crew looked at the line, and it stays."""

    crew_only: ClassVar[bool] = True

    chat_message_id: str
    by: Actor | None = None


class WordFilterSet(EventData, frozen=True):
    """``word_filter_set``: ``words`` are all of the crew's own."""

    crew_only: ClassVar[bool] = True

    mode: WordFilterMode
    words: tuple[str, ...] = ()
    by: Actor | None = None


class RoundOpened(EventData, frozen=True):
    """``round_opened``: votes count until ``closes_at`` (``None``: until closed by hand).

    ``seed_hash``: SHA-256 of the seed that a tie would be drawn by. ``runoff_of``: the round whose
    tie this one breaks. ``stage_of``: the bracket's first round, with ``stage`` from 2.
    ``supersedes``: the round that this one corrects.
    """

    round_id: str
    config: VoteConfig
    config_hash: str
    opened_at: datetime
    closes_at: datetime | None = None
    seed_hash: str | None = None
    runoff_of: str | None = None
    stage_of: str | None = None
    stage: int = 1
    supersedes: str | None = None
    by: Actor | None = None


class RoundExtended(EventData, frozen=True):
    """``round_extended``."""

    round_id: str
    closes_at: datetime
    by: Actor | None = None


class RoundGraceStarted(EventData, frozen=True):
    """``round_grace_started``: votes count on until ``until``, by SMS only."""

    round_id: str
    until: datetime


class RoundClosed(EventData, frozen=True):
    """``round_closed``: ``result`` only where everybody may see it."""

    round_id: str
    closed_at: datetime
    result: RoundResult | None = None
    by: Actor | None = None


class RoundRevealed(EventData, frozen=True):
    """``round_revealed``: the result of a round that was hidden."""

    round_id: str
    result: RoundResult | None = None
    by: Actor | None = None


class RoundTieDecided(EventData, frozen=True):
    """``round_tie_decided``: the artist chose; ``result`` only where everybody may see it."""

    round_id: str
    option_id: str | None = None
    result: RoundResult | None = None
    by: Actor | None = None


class RoundSuperseded(EventData, frozen=True):
    """``round_superseded``: corrected by another round; its votes count for nothing."""

    round_id: str
    by_round_id: str
    reason: str = ""
    by: Actor | None = None


class RoundCancelled(EventData, frozen=True):
    """``round_cancelled``: taken away without a result."""

    round_id: str
    by: Actor | None = None


class JurySet(EventData, frozen=True):
    """``jury_set``: how many jurors; who they are is for crew (``crew_data``)."""

    jurors: int
    participant_ids: tuple[str, ...] = ()
    by: Actor | None = None


class SongRequested(EventData, frozen=True):
    """``song_requested``: a new wish in a queue; its author's support is counted with it.

    ``round_id`` absent: the show's standing queue.
    """

    song_request_id: str
    participant_id: str
    display_name: str
    title: str
    song_id: str | None = None
    round_id: str | None = None


class SongRequestMarked(EventData, frozen=True):
    """``song_request_marked``: what crew did with a wish. ``requested_by`` is who is told.

    ``entry_id``: the setlist entry that it became.
    """

    song_request_id: str
    status: str
    title: str
    requested_by: str
    marked_by: str
    reason: str = ""
    entry_id: str | None = None
    by: Actor | None = None


class EntryConfirmed(EventData, frozen=True):
    """``entry_confirmed``: crew or a curator vouch for an entry, or no longer do."""

    entry_id: str
    participant_id: str
    confirmed: bool = True
    by: Actor | None = None


class SetlistSealed(EventData, frozen=True):
    """``setlist_sealed``: the artist says that this is what was played."""

    participant_id: str
    entry_ids: tuple[str, ...] = ()
    by: Actor | None = None


class SetlistUnsealed(EventData, frozen=True):
    """``setlist_unsealed``."""

    participant_id: str
    by: Actor | None = None


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
    """``setlist_changed``: who changed which entries. The Yjs update lies beside it.

    ``cause``: ``rollback``, ``restore``, ``undo``, ``song_request`` or ``rebalance`` (the server
    shortened positions; the order stays) where it was not typed;
    ``to_seq``: the event whose list was brought back; ``of_seq``: the event that was undone.
    """

    participant_id: str
    display_name: str
    entries: tuple[EntryChanged, ...]
    cause: str | None = None
    to_seq: int | None = None
    of_seq: int | None = None


class SetlistLocked(EventData, frozen=True):
    """``setlist_locked``."""

    participant_id: str
    by: Actor | None = None


class SetlistUnlocked(EventData, frozen=True):
    """``setlist_unlocked``."""

    participant_id: str
    by: Actor | None = None


class NowPlayingChanged(EventData, frozen=True):
    """``now_playing_changed``: ``entry_id`` absent when nothing is being played."""

    participant_id: str
    entry_id: str | None = None
    title: str | None = None
    by: Actor | None = None


class AnnouncementPosted(EventData, frozen=True):
    """``announcement_posted``."""

    participant_id: str
    display_name: str
    text: str
    announcement_id: str = ""


class AnnouncementWithdrawn(EventData, frozen=True):
    """``announcement_withdrawn``: the one that stood is taken down."""

    announcement_id: str
    by: Actor | None = None


class ParticipantMuted(EventData, frozen=True):
    """``participant_muted``: until ``until``; without it, for good. ``lifted``: may speak again.

    ``display_name``: told to crew.
    """

    participant_id: str
    until: datetime | None = None
    lifted: bool = False
    display_name: str = ""
    by: Actor | None = None


class ParticipantRemoved(EventData, frozen=True):
    """``participant_removed``. ``display_name``: told to crew."""

    participant_id: str
    display_name: str = ""
    by: Actor | None = None


class ParticipantReadmitted(EventData, frozen=True):
    """``participant_readmitted``: may come in again. ``display_name``: told to crew."""

    participant_id: str
    display_name: str = ""
    by: Actor | None = None


class ParticipantsLinked(EventData, frozen=True):
    """``participants_linked``: two participants are one person; what ``participant_id`` said is
    ``merged_into``'s from now on."""

    crew_only: ClassVar[bool] = True

    participant_id: str
    merged_into: str


class SlowModeSet(EventData, frozen=True):
    """``slow_mode_set``: one line per fan in ``interval_s`` seconds; 0 is off."""

    interval_s: int
    by: Actor | None = None


class ShowStatusChanged(EventData, frozen=True):
    """``show_status_changed``."""

    status: ShowStatus
    previous: ShowStatus
    by: Actor | None = None


EVENT_TYPES: dict[str, type[EventData]] = {
    "crew_only": CrewOnly,
    "chat_posted": ChatPosted,
    "chat_removed": ChatRemoved,
    "chat_held": ChatHeld,
    "chat_reported": ChatReported,
    "chat_reports_dismissed": ChatReportsDismissed,
    "word_filter_set": WordFilterSet,
    "round_opened": RoundOpened,
    "round_extended": RoundExtended,
    "round_grace_started": RoundGraceStarted,
    "round_closed": RoundClosed,
    "round_revealed": RoundRevealed,
    "round_tie_decided": RoundTieDecided,
    "round_superseded": RoundSuperseded,
    "round_cancelled": RoundCancelled,
    "jury_set": JurySet,
    "song_requested": SongRequested,
    "song_request_marked": SongRequestMarked,
    "entry_confirmed": EntryConfirmed,
    "setlist_sealed": SetlistSealed,
    "setlist_unsealed": SetlistUnsealed,
    "setlist_changed": SetlistChanged,
    "setlist_locked": SetlistLocked,
    "setlist_unlocked": SetlistUnlocked,
    "now_playing_changed": NowPlayingChanged,
    "announcement_posted": AnnouncementPosted,
    "announcement_withdrawn": AnnouncementWithdrawn,
    "participant_muted": ParticipantMuted,
    "participant_removed": ParticipantRemoved,
    "participant_readmitted": ParticipantReadmitted,
    "participants_linked": ParticipantsLinked,
    "slow_mode_set": SlowModeSet,
    "show_status_changed": ShowStatusChanged,
}
"""Wire name → payload struct."""

EVENT_NAMES: dict[type[EventData], str] = {kind: name for name, kind in EVENT_TYPES.items()}

CREW_ONLY_NAMES = frozenset(name for name, kind in EVENT_TYPES.items() if kind.crew_only)
"""Names of events that nobody but crew may know of."""

_NOTHING_SAID = CrewOnly()


class Event(Struct, frozen=True):
    """One durable fact of a room's log.

    Attributes:
        seq: place in the log, from 1, without gaps.
        at: when it was received; never earlier than the event before it.
        data: what everybody gets, unless its kind is ``crew_only``.
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
        """The name under which it is stored, and told to crew."""
        return EVENT_NAMES[type(self.data)]

    @property
    def is_same_for_all(self) -> bool:
        """Whether every audience gets the same."""
        return self.crew_data is None and not self.data.crew_only

    def name_for(self, *, crew: bool) -> str:
        """The wire name for one audience."""
        return EVENT_NAMES[type(self.data_for(crew=crew))]

    def data_for(self, *, crew: bool) -> EventData:
        """The payload for one audience: the only projection there is."""
        if crew:
            return self.data if self.crew_data is None else self.crew_data
        return _NOTHING_SAID if self.data.crew_only else self.data


def decode_event_data(name: str, data: bytes | str) -> EventData:
    """Reads a stored payload back into its struct.

    Raises:
        KeyError: the name is of no known event.
        msgspec.DecodeError: the payload is not of that event.
    """
    return msgspec.json.decode(data, type=EVENT_TYPES[name])
