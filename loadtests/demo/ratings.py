"""Ratings: what fans say of the list's entries, and what the crew vouches for."""

from __future__ import annotations

import random

from loadtests.demo import beats
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.stage import Stage
from loadtests.wire import Entry

CARELESS = 0.02
"""How often a thumb slips."""
ANSWER_TIMEOUT_S = 15.0
SEEN_TIMEOUT_S = 30.0


class Ratings:
    """Acts on the script's beats about entries being right."""

    def __init__(self, cast: Cast, stage: Stage, house: House, rng: random.Random) -> None:
        self._cast = cast
        self._stage = stage
        self._house = house
        self._rng = rng

    async def act(self, beat: beats.Rate | beats.Confirm) -> None:
        """What the beat says, of the entry as it stands now."""
        match beat:
            case beats.Rate():
                await self._rate(beat)
            case beats.Confirm(song=song):
                await self._confirm(song)

    async def _rate(self, beat: beats.Rate) -> None:
        room = self._cast.fans[beat.fan].here
        if room is None or not room.connected:
            return
        if beat.writer is None:
            entry_id = await self._stage.written(beat.song, SEEN_TIMEOUT_S)
        else:
            misheard = self._stage.misheard.get((beat.writer, beat.song))
            if misheard is None:
                return
            entry_id = misheard
        entry = room.setlist.entry(entry_id)
        if entry is None:
            return  # Not here yet, or taken away.
        right = beat.writer is None and self._is_right(entry, beat.song)
        value = 1 if right is not (self._rng.random() < CARELESS) else -1
        await room.command(
            "rate_entry", {"entry_id": entry_id, "value": value}, timeout_s=ANSWER_TIMEOUT_S
        )

    async def _confirm(self, number: int) -> None:
        entry_id, room = self._stage.entries.get(number), self._cast.somebody()
        entry = room.setlist.entry(entry_id) if room is not None and entry_id else None
        if entry is not None and self._is_right(entry, number):
            await self._house.command("confirm_entry", {"entry_id": entry.entry_id})

    def _is_right(self, entry: Entry, number: int) -> bool:
        song = self._stage.songs[number]
        return (entry.title, entry.section) == (song.title, song.section)
