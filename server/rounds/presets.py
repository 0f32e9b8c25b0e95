"""What a show has to choose from: its setlist, suggestions, the artist's songs, its line-up."""

from __future__ import annotations

from crdt.schema import SetlistEntry
from rooms.room import Room
from rooms.rounds.presets import Choice, Material
from server.setlist.suggestions import Suggestions
from storage.shows.repertoire import Repertoire

SUGGESTED = 12
"""Suggestions asked for: twice what a preset shows, as some stand in the list already."""

_REHEARSED = "soundcheck"


class RoundMaterial:
    """Gathers what rounds are filled with."""

    def __init__(self, suggestions: Suggestions, repertoire: Repertoire) -> None:
        self._suggestions = suggestions
        self._repertoire = repertoire

    async def of(self, room: Room) -> Material:
        """The material of a show, as its room is now."""
        show_id, entries = room.show_id, tuple(room.replica.document.entries())
        suggested = await self._suggestions.next_songs(show_id, entries, SUGGESTED)
        night = await self._repertoire.night(show_id)
        songs = await self._repertoire.catalogue(night.artist_id) if night else ()
        return Material(
            setlist=tuple(map(_choice, filter(_was_for_the_audience, entries))),
            suggestions=tuple(Choice(song.title, song_id=song.song_id) for song in suggested),
            songs=tuple(Choice(song.title, song_id=song.song_id) for song in songs),
            line_up=tuple(Choice(name) for name in room.facts.artists),
        )


def _was_for_the_audience(entry: SetlistEntry) -> bool:
    return bool(entry.title.strip()) and entry.section != _REHEARSED


def _choice(entry: SetlistEntry) -> Choice:
    return Choice(entry.title, song_id=entry.song_id, entry_id=entry.id)
