"""Which song an entry of the setlist is.

By its ``song_id``; else by its title, in the catalogue of the artist whom it names, or of those
who perform. A title counts when it is the same (``normalised``), or else the same to somebody who
types (``title_key``: case, accents, punctuation), or else one under which past setlists
print a song; and only if *one* song has it. So what a person has decided once is known the next
time. What is merely alike is never taken: a wrong song in the statistics is worse than a question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct

from crdt.schema import SetlistEntry
from rooms.catalogue.names import normalised, title_key
from rooms.performances.records import KnownArtist, KnownSong, NightContext, ReviewReason


class Match(Struct, frozen=True):
    """It is this song. ``performer_id``: who covered it; ``None`` where it is the song's own."""

    song: KnownSong
    performer_id: str | None = None


Found: TypeAlias = Match | ReviewReason


class Catalogue:
    """The songs of a night's context, by id and by title."""

    def __init__(self, context: NightContext) -> None:
        self.context = context
        self.by_id = {song.song_id: song for song in context.songs}
        self._by_artist: dict[str, list[KnownSong]] = defaultdict(list)
        # (artist, how the title is compared, title) → songs, by id so that none is there twice.
        self._by_title: dict[tuple[str, int, str], dict[str, KnownSong]] = defaultdict(dict)
        for song in self.by_id.values():
            self._by_artist[song.artist_id].append(song)
            for level, title in _titles(song):
                self._by_title[song.artist_id, level, title][song.song_id] = song
        self._performing = {artist.artist_id for artist in context.performers}

    @property
    def owner(self) -> KnownArtist | None:
        """Whose night it is: the headliner."""
        return self.context.performers[0] if self.context.performers else None

    def songs_of(self, artists: Iterable[KnownArtist]) -> list[KnownSong]:
        """All songs of these artists."""
        return [song for artist in artists for song in self._by_artist.get(artist.artist_id, ())]

    def by_title(
        self, title: str, artists: Iterable[KnownArtist]
    ) -> KnownSong | ReviewReason | None:
        """The one song of these artists that has this title; a reason if several do."""
        wanted = tuple(artists)
        for level, text in _looked_up(title):
            found = {
                song_id: song
                for artist in wanted
                for song_id, song in self._by_title.get((artist.artist_id, level, text), {}).items()
            }
            if len(found) == 1:
                return next(iter(found.values()))
            if found:
                return ReviewReason.AMBIGUOUS_TITLE
        return None

    def named_by(self, entry: SetlistEntry) -> tuple[KnownArtist, ...]:
        """The artists that the entry names as whose song it is, as far as they are known."""
        if not entry.artist:
            return ()
        key = title_key(entry.artist)
        performing = tuple(a for a in self.context.performers if title_key(a.name) == key)
        return performing or self.context.named.get(key, ())

    def covered(self, song: KnownSong) -> str | None:
        """Who performs a song that is none of the performers' own: the headliner."""
        if song.artist_id in self._performing or self.owner is None:
            return None
        return self.owner.artist_id


def find(entry: SetlistEntry, catalogue: Catalogue) -> Found:
    """The song of an entry, or why a person must say which one it is."""
    named = catalogue.named_by(entry)
    song = catalogue.by_id.get(entry.song_id or "")
    if song is not None:
        expected = {artist.artist_id for artist in (*catalogue.context.performers, *named)}
        if song.artist_id not in expected:
            return ReviewReason.FOREIGN_SONG
        if _is_another(entry.title, song, catalogue):
            return ReviewReason.CONTRADICTION
        return Match(song, catalogue.covered(song))
    if not catalogue.context.performers:
        return ReviewReason.NO_ARTIST
    owner, *others = catalogue.context.performers
    # A cover is looked for under its artist; archives keep covers in the catalogue of who played
    # them, so that one comes next. Then whoever else is on the bill.
    for artists in (named, (owner,), others):
        found = catalogue.by_title(entry.title, artists)
        if isinstance(found, KnownSong):
            return Match(found, catalogue.covered(found))
        if found is not None:
            return found
    return ReviewReason.UNKNOWN_TITLE


def _is_another(title: str, song: KnownSong, catalogue: Catalogue) -> bool:
    """Whether the title is that of another song of the same artist: somebody typed over it."""
    key = title_key(title)
    if any(title_key(known) == key for known in (song.title, *song.also)):
        return False
    found = catalogue.by_title(title, (KnownArtist(song.artist_id, ""),))
    return isinstance(found, KnownSong)


SAME, TYPED, PRINTED = range(3)
"""How titles are compared, strictest first."""


def _titles(song: KnownSong) -> Iterator[tuple[int, str]]:
    yield SAME, normalised(song.title)
    yield TYPED, title_key(song.title)
    for title in song.also:
        yield PRINTED, title_key(title)


def _looked_up(title: str) -> Iterator[tuple[int, str]]:
    yield SAME, normalised(title)
    yield TYPED, title_key(title)
    yield PRINTED, title_key(title)
