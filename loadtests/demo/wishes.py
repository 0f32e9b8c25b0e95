"""Song requests: how the fans wish and support, and what the crew makes of it."""

from __future__ import annotations

import random
from typing import Any

from loadtests.demo import beats
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.stage import Stage, title_key
from loadtests.demo.tasks import Guarded
from loadtests.demo.wishbook import reason_against
from loadtests.wire import RoomClient
from loadtests.wire.messages import EventMessage

OWN_WISHES_MAX = 3
"""Undecided wishes of one fan. A room lets everybody have five."""
TAKEN_BACK = 0.25
"""How often a fan who supports a wish already no longer does."""
ANSWER_TIMEOUT_S = 15.0
PAGE = "200"
SUPPORTERS_OF_NEWCOMERS = 3

Json = dict[str, Any]
WishBeat = beats.Wish | beats.Support | beats.DecideWish | beats.PlayWish


class Wishes:
    """Acts on the script's beats about wishes."""

    def __init__(
        self, cast: Cast, stage: Stage, house: House, guarded: Guarded, rng: random.Random
    ) -> None:
        self._cast = cast
        self._stage = stage
        self._house = house
        self._guarded = guarded
        self._rng = rng
        self._supported: dict[str, set[str]] = {}

    async def act(self, beat: WishBeat) -> None:
        """What the beat says, unless the night went otherwise."""
        match beat:
            case beats.Wish(fan=fan, title=title):
                await self._wish(self._cast.fans[fan].here, title)
            case beats.Support(fan=fan):
                await self._support(self._cast.fans[fan].here)
            case beats.DecideWish():
                await self._decide()
            case beats.PlayWish(song=song, over=over):
                await self._play(song, over=over)

    def heard(self, event: EventMessage) -> None:
        """Somebody who is not of the cast does not wish alone."""
        if event.name != "song_requested" or event.data.get("round_id"):
            return
        if str(event.data.get("participant_id")) in self._cast.participants:
            return
        wish = str(event.data["song_request_id"])
        for fan in self._rng.sample(self._cast.fans, SUPPORTERS_OF_NEWCOMERS):
            if fan.here is not None:
                self._guarded.start(self._upvote(fan.here, wish), "support")

    async def put_back(self) -> None:
        """A new night: whatever was decided about is open again."""
        for wish in await self._queue():
            if wish["status"] != "waiting":
                await self._mark(wish, "waiting")

    # --- fans -----------------------------------------------------------------------------

    async def _wish(self, room: RoomClient | None, title: str) -> None:
        if room is None or not room.connected:
            return
        queue = queue_of(room)
        me = room.participant_id
        own = [one for one in queue if one["participant_id"] == me and _is_open(one)]
        wanted = title_key(title)
        over = [one for one in queue if title_key(one["title"]) == wanted and not _is_open(one)]
        if over or len(own) >= OWN_WISHES_MAX:
            return
        ack = await room.command("request_song", {"title": title}, timeout_s=ANSWER_TIMEOUT_S)
        if ack.data.get("outcome") == "unclear":
            await self._upvote(room, str(ack.data["candidates"][0]["song_request_id"]))
        else:
            self._supported.setdefault(me, set()).add(str(ack.data["song_request_id"]))

    async def _support(self, room: RoomClient | None) -> None:
        if room is None or not room.connected:
            return
        own = self._supported.get(room.participant_id, set())
        wishes = [one for one in queue_of(room) if _is_open(one)]
        known = [one for one in wishes if one["song_request_id"] in own]
        fresh = [one for one in wishes if one["song_request_id"] not in own]
        if known and (not fresh or self._rng.random() < TAKEN_BACK):
            await self._upvote(room, str(self._rng.choice(known)["song_request_id"]), up=False)
        elif fresh:  # What many want is wanted by more.
            popular = [1 + int(one.get("upvotes") or 0) for one in fresh]
            chosen = self._rng.choices(fresh, popular)[0]
            await self._upvote(room, str(chosen["song_request_id"]))

    async def _upvote(self, room: RoomClient, song_request_id: str, *, up: bool = True) -> None:
        args = {"song_request_id": song_request_id, "up": up}
        await room.command("upvote_song_request", args, timeout_s=ANSWER_TIMEOUT_S)
        own = self._supported.setdefault(room.participant_id, set())
        if up:
            own.add(song_request_id)
        else:
            own.discard(song_request_id)

    # --- crew -----------------------------------------------------------------------------

    async def _decide(self) -> None:
        """One wish at a time: the crew has other things to do."""
        playing = self._stage.playing
        to_come = self._stage.songs[(0 if playing is None else playing + 1) :]
        coming = {title_key(song.title) for song in to_come}
        for wish in await self._queue():
            if wish["status"] != "waiting":
                continue
            reason = reason_against(str(wish["title"]))
            if reason is not None:
                await self._mark(wish, "declined", reason)
                return
            if title_key(str(wish["title"])) in coming:
                await self._mark(wish, "accepted")
                return

    async def _play(self, number: int, *, over: bool) -> None:
        """The wished song is on the list: its entry becomes the wish's, and none is added."""
        song = self._stage.songs[number]
        wanted = title_key(song.title)
        entry_id = self._stage.entries.get(number)
        if entry_id is None or (not over and self._stage.on_stage != entry_id):
            return
        wishes = [one for one in await self._queue() if title_key(str(one["title"])) == wanted]
        if not wishes or wishes[0]["status"] in ("played", "declined"):
            return
        written = await self._house.entries()
        if any(one["id"] == entry_id and title_key(one["title"]) == wanted for one in written):
            await self._mark(wishes[0], "played" if over else "playing")

    async def _queue(self) -> list[Json]:
        path = f"/api/shows/{self._house.show_id}/song-requests"
        return list((await self._house.api.get(path, {"limit": PAGE}))["items"])

    async def _mark(self, wish: Json, status: str, reason: str = "") -> None:
        args = {"song_request_id": wish["song_request_id"], "status": status, "reason": reason}
        await self._house.command("mark_song_request", args)


def queue_of(room: RoomClient) -> list[Json]:
    """The standing queue as this client sees it."""
    state = room.states.get(("song_requests", ""))
    if state is not None:
        return list(state.data["requests"])
    known = room.welcome.state.get("song_requests", ()) if room.welcome is not None else ()
    return next((list(one["requests"]) for one in known if not one["round_id"]), [])


def _is_open(wish: Json) -> bool:
    return wish["status"] in ("waiting", "accepted", "playing")
