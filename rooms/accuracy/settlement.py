"""What a seal, a source or a curator says of the ratings that were given.

A rating speaks of the song that stood in its entry when it was given: "this was played", or
"this was not". The list may have changed since, so it is settled by that song, not by what
stands there now. What cannot be told is left open: it moves nobody's reputation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from rooms.accuracy.timeline import Song, Timeline
from rooms.catalogue.names import title_key

RESEMBLES_FROM = 0.85
"""Share of common characters from which a new title is a spelling of the old one."""


class Authority(StrEnum):
    """Who settles. Never the votes themselves. The first in order wins."""

    SEAL = "seal"
    SOURCE = "source"
    CURATOR = "curator"


class Rating(Struct, frozen=True):
    """One person's current rating of one entry."""

    account_id: str
    entry_id: str
    value: int
    cast_at: datetime


class Seal(Struct, frozen=True):
    """The artist's list: entry → song. ``account_id``: of the artist who sealed it."""

    songs: Mapping[str, Song]
    at: datetime
    account_id: str


class EntryVerdict(Struct, frozen=True):
    """What a source or a curator says of one entry, and of which song in it."""

    entry_id: str
    song: Song
    played: bool
    authority: Authority
    at: datetime
    account_id: str


class Settlement(Struct, frozen=True):
    """A rating that is settled. Key: (account, show, entry).

    Attributes:
        value: what was rated, and ``rated_at`` when; ``title``: what stood there then.
        settled_at: when the authority said so; reputation decays from here.
    """

    account_id: str
    entry_id: str
    agreed: bool
    settled_at: datetime
    authority: Authority
    value: int
    rated_at: datetime
    title: str


def standing_ratings(current: Iterable[Rating], settled: Iterable[Settlement]) -> list[Rating]:
    """The ratings as they stood when a source spoke: who changes or takes back a rating once it
    was settled so does not get out of it. (A room refuses this where the seal or the crew has
    spoken; a source speaks beside the room.)"""
    kept = {
        (one.account_id, one.entry_id): one for one in settled if one.authority is Authority.SOURCE
    }
    standing = []
    for rating in current:
        before = kept.get((rating.account_id, rating.entry_id))
        if before is not None and rating.cast_at > before.settled_at:
            rating = Rating(rating.account_id, rating.entry_id, before.value, before.rated_at)
        standing.append(rating)
    return standing


def settle(
    ratings: Iterable[Rating],
    timeline: Timeline,
    seal: Seal | None,
    verdicts: Iterable[EntryVerdict],
) -> list[Settlement]:
    """Settles what can be told.

    Nobody's own verdict settles its own rating, and no rating is settled by what was said before
    it was given: to repeat the answer is no merit.
    """
    by_entry: dict[str, list[EntryVerdict]] = {}
    for verdict in sorted(verdicts, key=lambda one: one.at, reverse=True):
        by_entry.setdefault(verdict.entry_id, []).append(verdict)
    sealed_titles = {title_key(song.title) for song in seal.songs.values()} if seal else set()
    sealed_ids = {song.song_id for song in seal.songs.values() if song.song_id} if seal else set()
    settled: list[Settlement] = []
    for rating in ratings:
        song = timeline.song_at(rating.entry_id, rating.cast_at)
        if not rating.value or song is None:
            continue
        told: tuple[bool, datetime, Authority] | None = None
        if seal is not None and _speaks_of(rating, seal.account_id, seal.at):
            played = _sealed(song, seal.songs.get(rating.entry_id), sealed_titles, sealed_ids)
            told = None if played is None else (played, seal.at, Authority.SEAL)
        told = told or _told(rating, song, by_entry.get(rating.entry_id, ()))
        if told is not None:
            played, at, authority = told
            agreed = played == (rating.value > 0)
            settled.append(
                Settlement(
                    account_id=rating.account_id,
                    entry_id=rating.entry_id,
                    agreed=agreed,
                    settled_at=at,
                    authority=authority,
                    value=rating.value,
                    rated_at=rating.cast_at,
                    title=song.title,
                )
            )
    return settled


def same_song(one: Song, other: Song) -> bool:
    """Whether both mean one song: by id where both have one, else by the title's spelling."""
    if one.song_id and other.song_id:
        return one.song_id == other.song_id
    return _same_title(title_key(one.title), title_key(other.title))


@lru_cache(maxsize=4_096)
def _same_title(first: str, second: str) -> bool:
    if first == second:
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= RESEMBLES_FROM


def _sealed(song: Song, now: Song | None, titles: set[str], song_ids: set[str]) -> bool | None:
    """Whether the artist's list holds the song where it was rated; ``None``: it is elsewhere
    in the list, and whether this place was right cannot be told."""
    if now is not None and same_song(song, now):
        return True
    elsewhere = song.song_id in song_ids or title_key(song.title) in titles
    return None if elsewhere else False


def _told(
    rating: Rating, song: Song, verdicts: Sequence[EntryVerdict]
) -> tuple[bool, datetime, Authority] | None:
    """The newest source, else the newest curator, that speaks of this song."""
    for authority in (Authority.SOURCE, Authority.CURATOR):
        for verdict in verdicts:
            if (
                verdict.authority is authority
                and _speaks_of(rating, verdict.account_id, verdict.at)
                and same_song(song, verdict.song)
            ):
                return verdict.played, verdict.at, authority
    return None


def _speaks_of(rating: Rating, account_id: str, at: datetime) -> bool:
    return rating.account_id != account_id and rating.cast_at <= at
