"""Acts a script out: one beat after the other, each by its fan over the fan's own socket.

Time decides when a beat begins, never that it is left out. What one fan does to another's entry
waits until that entry has reached the fan, and a song is written down by somebody who has the one
before it on the list: on a slow machine the night gets late, but the list ends the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from loadtests.demo import beats
from loadtests.demo.beats import Beat
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.ratings import Ratings
from loadtests.demo.script import Script
from loadtests.demo.stage import Stage
from loadtests.demo.tasks import Guarded
from loadtests.demo.wishes import WishBeat, Wishes
from loadtests.wire import RoomClient, RoomLost, SetlistDocument
from loadtests.wire.edits import Edit, EditLost
from loadtests.wire.ids import uuid7

logger = structlog.get_logger(__name__)

SPOKEN_TIMEOUT_S = 20.0
SEEN_TIMEOUT_S = 30.0
"""How long a fan waits to see what others wrote: longer than a restart of the server."""
SAVED_TIMEOUT_S = 30.0
"""How long the end of a night waits for its last edits to be durable."""

_Spoken = beats.Say | beats.React | beats.Announce | WishBeat | beats.Rate | beats.Confirm
"""What a night goes on without."""


class Performance:
    """One night on stage.

    Args:
        pace: seconds that a second of the script takes.
        cover_of: whose songs these are, where those on stage play somebody else's.
    """

    def __init__(
        self,
        cast: Cast,
        stage: Stage,
        house: House,
        guarded: Guarded,
        wishes: Wishes,
        ratings: Ratings,
        *,
        pace: float = 1.0,
        cover_of: str | None = None,
    ) -> None:
        self._pace = pace
        self._cast = cast
        self._stage = stage
        self._house = house
        self._guarded = guarded
        self._wishes = wishes
        self._ratings = ratings
        self._written: dict[str, str] = {"artist": cover_of} if cover_of else {}
        self._pen = asyncio.Lock()
        self._newest: tuple[RoomClient, str] | None = None
        self._edits: list[Edit] = []

    async def run(self, script: Script) -> None:
        """Plays the whole script; returns early when the show is no longer live.

        Once it returns, nothing of this night's list is still under way.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as keeping_the_list:
            for beat in script.beats:
                await asyncio.sleep(max(0.0, began + beat.at_s * self._pace - loop.time()))
                if not self._stage.live:
                    return
                what = type(beat).__name__
                if isinstance(beat, _Spoken):
                    self._guarded.start(self._speak(beat), what)
                else:  # Never one too many: without it the list would not come out right.
                    keeping_the_list.create_task(self._guarded.result(self._keep(beat), what))
            await asyncio.sleep(max(0.0, began + script.length_s * self._pace - loop.time()))
        await self._saved()

    async def _saved(self) -> None:
        """Waits for the last edits: one that came later would be found on the next night's list."""
        try:
            async with asyncio.timeout(SAVED_TIMEOUT_S):
                for edit in self._edits:
                    with contextlib.suppress(EditLost):
                        await edit.saved(SAVED_TIMEOUT_S)
        except TimeoutError:
            logger.info("demo_edits_not_saved", edits=sum(not e.is_saved for e in self._edits))

    # --- what is said ---------------------------------------------------------------------

    async def _speak(self, beat: _Spoken) -> None:
        match beat:
            case beats.Announce(text=text):
                await self._house.announce(text)
            case beats.Say(text=text):
                await self._say(self._room(beat.fan), "post_chat", {"text": text})
            case beats.React(kind=kind):
                await self._say(self._room(beat.fan), "react", {"kind": kind})
            case beats.Rate() | beats.Confirm():
                await self._ratings.act(beat)
            case _:
                await self._wishes.act(beat)

    async def _say(self, room: RoomClient | None, name: str, args: dict[str, object]) -> None:
        if (
            room is not None and room.connected
        ):  # Out of reach nothing is said: a late line would make no sense.
            await room.command(name, args, timeout_s=SPOKEN_TIMEOUT_S)

    # --- the list -------------------------------------------------------------------------

    async def _keep(self, beat: Beat) -> None:
        match beat:
            case beats.LoseSignal(fan=fan) | beats.RegainSignal(fan=fan):
                self._signal(fan, back=isinstance(beat, beats.RegainSignal))
            case beats.MarkPlaying(song=song):
                await self._mark_playing(beat.fan, song)
            case _ if self._stage.locked:
                pass  # Crew closed the list: it stays as it is.
            case beats.AddSong(double=True):
                await self._double(beat)
            case beats.AddSong():
                await self._add(beat)
            case beats.FixTitle(song=song):
                title = self._stage.songs[song].title
                await self._fix(beat.fan, song, lambda s, entry: s.change(entry, title=title))
            case beats.FixSection(song=song):
                section = self._stage.songs[song].section
                await self._fix(beat.fan, song, lambda s, entry: s.move(entry, section, None))
            case beats.MarkSegue(song=song):
                await self._fix(beat.fan, song, lambda s, entry: s.change(entry, segue=True))
            case beats.RemoveDouble(song=song, fan=fan):
                await self._take_back(fan, self._stage.doubles.get((fan, song)))
            case beats.Mishear():
                await self._mishear(beat)
            case beats.TakeBackMisheard(song=song, fan=fan):
                await self._take_back(fan, self._stage.misheard.get((fan, song)))
            case _:
                raise AssertionError(f"no such beat: {beat}")

    def _room(self, fan: int) -> RoomClient | None:
        """The fan's room, or somebody's who does it instead."""
        return self._cast.fans[fan].here or self._cast.somebody()

    def _signal(self, fan: int, *, back: bool) -> None:
        room = self._cast.fans[fan].here
        if room is None:
            return  # Not come in yet. Nobody else stands in for this: they would miss their cues.
        if back:
            room.go_online()
        else:
            room.go_offline()

    async def _mark_playing(self, fan: int, song: int) -> None:
        self._stage.playing = song
        entry_id = await self._stage.written(song, SEEN_TIMEOUT_S)
        room = await self._who_sees(fan, entry_id)
        if room is not None and self._stage.playing == song:
            await self._say(room, "set_now_playing", {"entry_id": entry_id})

    async def _add(self, beat: beats.AddSong) -> None:
        async with self._pen:  # Fair: songs are written down in the order they are played.
            song, room = self._stage.songs[beat.song], self._room(beat.fan)
            if room is not None and not await self._has_the_newest(room):
                room = self._room(beat.fan)
            if room is None:
                return
            there = self._stage.already_there(room, song)
            entry_id = there.entry_id if there is not None else uuid7()
            if there is None:
                await self._write(room, beat, entry_id)
            self._newest = (room, entry_id)
            self._stage.wrote(song.number, entry_id)

    async def _has_the_newest(self, room: RoomClient) -> bool:
        """Waits until the room has the song before; false when it did not come, or is sent away.

        Two who write at once without knowing of each other may come out in either order.
        """
        if self._newest is None:
            return True
        writer, entry_id = self._newest

        def seen() -> bool:
            removed = writer.setlist.entry(entry_id) is None  # By a newcomer: it never comes.
            return removed or room.setlist.entry(entry_id) is not None

        with contextlib.suppress(TimeoutError, RoomLost):
            await room.until(seen, SEEN_TIMEOUT_S)
            return True
        return False

    async def _double(self, beat: beats.AddSong) -> None:
        room = self._room(beat.fan)
        if room is not None:
            entry_id = uuid7()  # Known before it is sent: it may be taken back while it is not.
            self._stage.doubles[(beat.fan, beat.song)] = entry_id
            await self._write(room, beat, entry_id)

    async def _mishear(self, beat: beats.Mishear) -> None:
        room, section = self._room(beat.fan), self._stage.songs[beat.song].section
        if room is not None:
            added = beats.AddSong(beat.at_s, beat.fan, beat.song, beat.title, section)
            entry_id = uuid7()
            await self._write(room, added, entry_id)
            self._stage.misheard[(beat.fan, beat.song)] = entry_id

    async def _write(self, room: RoomClient, beat: beats.AddSong, entry_id: str) -> None:
        me, more = room.participant_id, self._written
        edit = await room.edit(
            lambda s: s.add(beat.title, beat.section, me, entry_id=entry_id, **more)
        )
        self._edits.append(edit)

    async def _fix(
        self, fan: int, song: int, change: Callable[[SetlistDocument, str], bool]
    ) -> None:
        entry_id = await self._stage.written(song, SEEN_TIMEOUT_S)
        room = await self._who_sees(fan, entry_id)
        if room is not None and self._stage.ours(room, song, self._cast.participants) is not None:
            self._edits.append(await room.edit(lambda s: change(s, entry_id), entry_id))

    async def _take_back(self, fan: int, entry_id: str | None) -> None:
        if entry_id is None:  # Otherwise it stays known: others see the entry for a while yet.
            return
        room = await self._who_sees(fan, entry_id)
        if room is not None:
            self._edits.append(await room.edit(lambda s: s.remove(entry_id), entry_id))

    async def _who_sees(self, fan: int, entry_id: str) -> RoomClient | None:
        """The fan's room once the entry is in it; somebody else's if the fan is out of reach.

        Raises:
            TimeoutError: it did not come: a newcomer took it away.
            RoomLost: the fan was sent away.
        """
        room = self._room(fan)
        if room is None:
            return None
        if room.setlist.entry(entry_id) is None and not room.connected:
            room = self._cast.somebody() or room
        await room.until(lambda: room.setlist.entry(entry_id) is not None, SEEN_TIMEOUT_S)
        return room
