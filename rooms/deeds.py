"""Which thing an event was done to, and by whom: `rooms.acts.Act` by subject."""

from __future__ import annotations

from rooms import events as ev
from rooms import limits
from rooms.acts import Act, Actor
from rooms.participants import SYSTEM
from rooms.rounds.changes import RoundEvent

SETLIST = "setlist"
SETLIST_BEFORE = "setlist_before"
"""The newest edit by anybody but who made the newest one."""

SETLIST_LOCK = "setlist_lock"
SEAL = "seal"
NOW_PLAYING = "now_playing"
ANNOUNCEMENT = "announcement"
SLOW_MODE = "slow_mode"
WORD_FILTER = "word_filter"
SHOW = "show"


def note(acts: dict[str, Act], event: ev.Event, said: ev.EventData) -> None:
    """Remembers an event as the last thing that was done to its subject.

    Args:
        said: the event's payload as crew gets it.
    """
    subject = subject_of(said)
    if subject is None:
        return
    act = Act(what=ev.EVENT_NAMES[type(said)], at=event.at, seq=event.seq, by=_author(said))
    known = acts.pop(subject, None)
    if subject == SETLIST and known is not None and known.by != act.by:
        acts.pop(SETLIST_BEFORE, None)
        acts[SETLIST_BEFORE] = known
    acts[subject] = act
    if len(acts) > limits.ACTS_KEPT:
        del acts[next(iter(acts))]


def subject_of(said: ev.EventData) -> str | None:
    """What an event is about; ``None``: nothing that two people may have their hands on."""
    match said:
        case ev.SongRequestMarked():
            return said.song_request_id
        case ev.SetlistChanged():
            return SETLIST if said.participant_id != SYSTEM.participant_id else None
        case ev.SetlistLocked() | ev.SetlistUnlocked():
            return SETLIST_LOCK
        case ev.SetlistSealed() | ev.SetlistUnsealed():
            return SEAL
        case ev.NowPlayingChanged():
            return NOW_PLAYING
        case ev.AnnouncementPosted() | ev.AnnouncementWithdrawn():
            return ANNOUNCEMENT
        case ev.SlowModeSet():
            return SLOW_MODE
        case ev.WordFilterSet():
            return WORD_FILTER
        case ev.ShowStatusChanged():
            return SHOW
        case _:
            return said.round_id if isinstance(said, RoundEvent) else None


def last_by_another(acts: dict[str, Act], participant_id: str) -> Act | None:
    """The newest edit of the setlist by anybody else."""
    for subject in (SETLIST, SETLIST_BEFORE):
        act = acts.get(subject)
        if act is not None and (act.by is None or act.by.participant_id != participant_id):
            return act
    return None


def _author(said: ev.EventData) -> Actor | None:
    if isinstance(said, ev.SetlistChanged | ev.AnnouncementPosted):
        return Actor(said.participant_id, said.display_name)
    by: Actor | None = getattr(said, "by", None)
    return by
