"""Reads the catalogues that one night is matched against (`rooms.performances.NightContext`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from crdt.schema import SetlistEntry
from rooms import limits
from rooms.catalogue.names import normalised, title_key
from rooms.performances.records import KnownArtist, KnownSong, NightContext
from storage.performances.statistics import Connection

NAMED_ARTISTS_MAX = 50
"""Artists that the entries of one night name. A night of covers names twenty."""

_PERFORMERS = """
SELECT a.id, a.name FROM line_up l JOIN artists a ON a.id = l.artist_id
 WHERE l.show_id = $1 AND l.status <> 'declined'
 ORDER BY (l.billing = 'headliner') DESC, l.position, l.id
"""

_NAMED = "SELECT id, name FROM artists WHERE normalised_name = ANY ($1) ORDER BY id LIMIT $2"

# Under which titles a song is known: as archives print it, and as people have said. What was only
# matched is no evidence, or two nights would bear each other out; nor is this very night.
_SONGS = """
SELECT s.id, s.artist_id, s.title, coalesce(t.times_played, 0) AS times_played,
       (SELECT array_agg(DISTINCT p.printed_title)
          FROM performances p JOIN shows h ON h.id = p.show_id
         WHERE p.song_id = s.id AND p.printed_title IS NOT NULL AND p.show_id <> $3
           AND (h.source IS NOT NULL OR EXISTS (
                SELECT FROM song_reviews r WHERE r.show_id = p.show_id
                   AND r.entry_id = p.entry_id AND r.status IN ('matched', 'created')))) AS also
  FROM songs s LEFT JOIN song_statistics t ON t.song_id = s.id AND t.artist_id = s.artist_id
 WHERE s.artist_id = ANY ($1) OR s.id = ANY ($2)
 ORDER BY s.id LIMIT $4
"""


async def read_performers(connection: Connection, show_id: str) -> tuple[KnownArtist, ...]:
    """Who performs, the headliner first."""
    rows = await connection.fetch(_PERFORMERS, show_id)
    return tuple(KnownArtist(str(row["id"]), row["name"]) for row in rows)


async def read_context(
    connection: Connection,
    show_id: str,
    entries: Iterable[SetlistEntry],
    song_ids: Iterable[str | None],
) -> NightContext:
    """Everything that matching these entries needs.

    Args:
        song_ids: songs that are named beside the entries' own, by decisions.
    """
    entries = list(entries)
    performers = await read_performers(connection, show_id)
    names = sorted({normalised(entry.artist) for entry in entries if entry.artist})
    named: dict[str, tuple[KnownArtist, ...]] = {}
    for row in await connection.fetch(_NAMED, names, NAMED_ARTISTS_MAX) if names else ():
        artist = KnownArtist(str(row["id"]), row["name"])
        key = title_key(artist.name)
        named[key] = (*named.get(key, ()), artist)
    artists = {artist.artist_id for artist in performers}
    artists |= {artist.artist_id for found in named.values() for artist in found}
    wanted = {song for song in (*song_ids, *(entry.song_id for entry in entries)) if song}
    rows = await connection.fetch(
        _SONGS,
        sorted(artists),
        sorted(song for song in wanted if _is_id(song)),
        show_id,
        limits.CATALOGUE_SONGS_MAX * max(1, len(artists)),
    )
    return NightContext(performers, named, tuple(_song(row) for row in rows))


def _song(row: Any) -> KnownSong:
    return KnownSong(
        song_id=str(row["id"]),
        artist_id=str(row["artist_id"]),
        title=row["title"],
        times_played=row["times_played"],
        also=tuple(row["also"] or ()),
    )


def _is_id(text: str) -> bool:
    # Clients may write anything that can name an entry.
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
