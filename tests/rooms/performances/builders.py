"""Nights to derive, and catalogues to match them against."""

from __future__ import annotations

from typing import Any

from crdt.schema import SetlistEntry
from rooms.catalogue.names import title_key
from rooms.performances.records import KnownArtist, KnownSong, NightContext

DEAD = KnownArtist("dead", "Grateful Dead")
SUPPORT = KnownArtist("support", "New Riders")
DYLAN = KnownArtist("dylan", "Bob Dylan")


def song(title: str, artist: KnownArtist = DEAD, **more: Any) -> KnownSong:
    """A song whose id tells what it is."""
    return KnownSong(f"{artist.artist_id}/{title}", artist.artist_id, title, **more)


def night(
    *songs: KnownSong,
    performers: tuple[KnownArtist, ...] = (DEAD,),
    named: tuple[KnownArtist, ...] = (),
) -> NightContext:
    """What a night is matched against."""
    by_name: dict[str, tuple[KnownArtist, ...]] = {}
    for artist in named:
        key = title_key(artist.name)
        by_name[key] = (*by_name.get(key, ()), artist)
    return NightContext(performers, by_name, songs)


def entry(title: str, entry_id: str = "e1", **fields: Any) -> SetlistEntry:
    """An entry of the setlist."""
    return SetlistEntry(id=entry_id, title=title, **fields)
