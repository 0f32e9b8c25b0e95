"""Lists of nights that were played, with titles among them that were not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from msgspec import Struct

from jobs.accuracy.simulation.dice import Dice
from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.suggestions.history import past_shows
from rooms.suggestions.history import PastShow

SONGS_MIN = 10
"""Shorter lists are fragments more often than nights."""

WRONG_SHARE = 0.25
"""Titles that nobody played, for every title that was played: somebody misheard, guessed, lied."""

HARD_SHARE = 0.1
"""Entries that are hard to judge (a snippet, a medley): everybody errs more, and together."""


class SimulatedEntry(Struct, frozen=True):
    """One entry of a list. ``true``: it was played. ``hard``: people err more."""

    entry_id: str
    title: str
    true: bool
    hard: bool


class SimulatedNight(Struct, frozen=True):
    """One night's list, as it stands before anybody has rated."""

    at: datetime
    entries: tuple[SimulatedEntry, ...]


def nights(archive: PackagedArchive, count: int) -> list[SimulatedNight]:
    """The last ``count`` whole nights of a shipped archive, by date, with wrong titles inserted.

    A wrong title is another song of the same artist, played on other nights of these: the kind
    that somebody believes to have heard.
    """
    shows = [show for show in past_shows(read_packaged(archive)) if len(show.songs) >= SONGS_MIN]
    chosen = shows[-count:]
    dice = Dice(f"nights {archive.value}")
    repertoire = sorted({song.title for show in chosen for song in show.songs})
    return [_night(show, number, repertoire, dice) for number, show in enumerate(chosen)]


def _night(show: PastShow, number: int, repertoire: Sequence[str], dice: Dice) -> SimulatedNight:
    played = list(dict.fromkeys(song.title for song in show.songs))
    others = [title for title in repertoire if title not in set(played)]
    wrong = dice.some(others, round(WRONG_SHARE * len(played)))
    listed = [(title, True) for title in played] + [(title, False) for title in wrong]
    return SimulatedNight(
        at=datetime.combine(show.date, time(21), tzinfo=UTC),
        entries=tuple(
            SimulatedEntry(f"{number}-{place}", title, true, dice.happens(HARD_SHARE))
            for place, (title, true) in enumerate(listed)
        ),
    )
