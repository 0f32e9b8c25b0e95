"""Acts a script out: one beat after the other, each by its fan over the fan's own socket."""

from __future__ import annotations

import asyncio

from loadtests.demo import beats
from loadtests.demo.beats import Beat
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.script import Script
from loadtests.demo.stage import Stage
from loadtests.demo.tasks import Guarded
from loadtests.wire import RoomClient

SPOKEN_TIMEOUT_S = 20.0


class Performance:
    """One night on stage.

    Args:
        pace: seconds that a second of the script takes.
    """

    def __init__(
        self, cast: Cast, stage: Stage, house: House, guarded: Guarded, pace: float = 1.0
    ) -> None:
        self._pace = pace
        self._cast = cast
        self._stage = stage
        self._house = house
        self._guarded = guarded

    async def run(self, script: Script) -> None:
        """Plays the whole script; returns early when the show is no longer live."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for beat in script.beats:
            await asyncio.sleep(max(0.0, began + beat.at_s * self._pace - loop.time()))
            if not self._stage.live:
                return
            self._guarded.start(self._act(beat), type(beat).__name__)
        await asyncio.sleep(max(0.0, began + script.length_s * self._pace - loop.time()))

    async def _act(self, beat: Beat) -> None:
        if isinstance(beat, beats.Announce):
            await self._house.announce(beat.text)
            return
        room = self._cast.fans[beat.fan].here
        if room is None:
            room = self._cast.somebody()
        if room is None:
            return
        match beat:
            case beats.Say(text=text):
                await self._say(room, "post_chat", {"text": text})
            case beats.React(kind=kind):
                await self._say(room, "react", {"kind": kind})
            case beats.LoseSignal():
                room.go_offline()
            case beats.RegainSignal():
                room.go_online()
            case beats.MarkPlaying(song=song):
                await self._mark_playing(room, song)
            case _:
                if not self._stage.locked:
                    await self._edit(room, beat)

    async def _say(self, room: RoomClient, name: str, args: dict[str, object]) -> None:
        if room.connected:  # Out of reach nothing is said: a late line would make no sense.
            await room.command(name, args, timeout_s=SPOKEN_TIMEOUT_S)

    async def _mark_playing(self, room: RoomClient, song: int) -> None:
        entry_id = self._stage.entries.get(song)
        self._stage.playing = song
        if entry_id is not None:
            await room.until(lambda: room.setlist.entry(entry_id) is not None, SPOKEN_TIMEOUT_S)
            await self._say(room, "set_now_playing", {"entry_id": entry_id})

    async def _edit(self, room: RoomClient, beat: Beat) -> None:
        stage, ours = self._stage, self._cast.participants
        match beat:
            case beats.AddSong():
                await self._add(room, beat)
            case beats.FixTitle(song=song):
                if (entry := stage.ours(room, song, ours)) is not None:
                    title = stage.songs[song].title
                    entry_id = entry.entry_id
                    await room.edit(lambda s: s.change(entry_id, title=title), entry_id)
            case beats.FixSection(song=song):
                if (entry := stage.ours(room, song, ours)) is not None:
                    section, entry_id = stage.songs[song].section, entry.entry_id
                    await room.edit(lambda s: s.move(entry_id, section, None), entry_id)
            case beats.MarkSegue(song=song):
                if (entry := stage.ours(room, song, ours)) is not None:
                    entry_id = entry.entry_id
                    await room.edit(lambda s: s.change(entry_id, segue=True), entry_id)
            case beats.RemoveDouble(song=song, fan=fan):
                double = stage.doubles.pop((fan, song), None)
                if double is not None and stage.entries.get(song) != double:
                    await room.edit(lambda s: s.remove(double), double)
            case _:
                raise AssertionError(f"no such beat: {beat}")

    async def _add(self, room: RoomClient, beat: beats.AddSong) -> None:
        song = self._stage.songs[beat.song]
        if not beat.double:
            there = self._stage.already_there(room, song)
            if there is not None:
                self._stage.entries[song.number] = there.entry_id
                return
        me = room.participant_id
        edit = await room.edit(lambda s: s.add(beat.title, beat.section, me))
        entry_id = edit.entry_ids[0]
        if beat.double:
            self._stage.doubles[(beat.fan, song.number)] = entry_id
        else:
            self._stage.entries[song.number] = entry_id
