"""The night that is replayed: the songs of one real show, in the order they were played."""

from __future__ import annotations

from importlib.resources import files

import msgspec
from msgspec import Struct


class Song(Struct, frozen=True):
    """One song as it was played. ``segue``: it ran into the next one."""

    title: str
    segue: bool


class Set(Struct, frozen=True):
    """One set; ``section`` as in the setlist document."""

    section: str
    songs: tuple[Song, ...]


class Night(Struct, frozen=True):
    """One real show with its source and licence."""

    source: str
    licence: str
    artist: str
    date: str
    venue: str
    city: str
    state: str
    country: str
    sets: tuple[Set, ...]


class Bill(Struct, frozen=True):
    """A show as it is announced. ``access`` and ``takes_sms`` as on the wire."""

    title: str
    artist: str
    starts_at: str
    venue: str
    city: str
    country: str
    access: str = "public"
    takes_sms: bool = False


class PlayedSong(Struct, frozen=True):
    """A song with its place in the night, from 0."""

    number: int
    title: str
    section: str
    segue: bool


def barton_hall() -> Night:
    """Barton Hall, Cornell University, 8 May 1977, from the packaged copy."""
    content = files("loadtests.demo").joinpath("barton_hall.json").read_bytes()
    return msgspec.json.decode(content, type=Night)


def songs_of(night: Night) -> tuple[PlayedSong, ...]:
    """All songs of the night in playing order."""
    flat = [(song, part.section) for part in night.sets for song in part.songs]
    return tuple(
        PlayedSong(number, song.title, section, song.segue)
        for number, (song, section) in enumerate(flat)
    )


def bill_of(night: Night) -> Bill:
    """The night itself, on its own date."""
    return Bill(
        title=night.venue,
        artist=night.artist,
        starts_at=f"{night.date}T23:30:00Z",
        venue=night.venue,
        city=night.city,
        country=night.country,
    )
