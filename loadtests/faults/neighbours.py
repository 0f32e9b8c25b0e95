"""The people next door: an artist who edits, a fan who votes and chats, and two who listen.

The same steps are played with and without attackers in the room; what the two listeners get is
brought into a form in which it can be compared byte by byte: ids minted by the server and times
are replaced, in the order in which they first appear, everything else stays.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec

from loadtests.faults import setting
from loadtests.wire import ApiClient, RoomClient, SetlistDocument, framing
from loadtests.wire.ids import uuid7
from loadtests.wire.plain import PlainYjsClient

STEPS = 24
OVERTAKEN_MAX = 10
ENTRY_TIME_MS = 1_700_000_000_000
"""Entry ids carry this time, so that both runs have the same."""
ARTIST_CLIENT, FAN_CLIENT = 0x5E7A57, 0x5E7FA4
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


class Neighbours:
    """The honest people of one room.

    Args:
        seed: of what they do; the same seed does the same.
        locked: whether the setlist is locked to crew from the start.
    """

    def __init__(
        self, url: str, session: aiohttp.ClientSession, crew: ApiClient, seed: int, *, locked: bool
    ) -> None:
        self._url = url
        self._session = session
        self._crew = crew
        self._rng = random.Random(seed)
        self._locked = locked
        self._stack = AsyncExitStack()
        self._entry_ids: list[str] = []
        self.frames: list[str | bytes] = []
        self.plain_frames: list[bytes] = []
        self.show_id = ""
        self.round_id = ""
        self.overtaken = 0
        """Edits of the artist that had to be made again."""

    async def __aenter__(self) -> Neighbours:
        show = await setting.live_show(self._crew, "Next door")
        self.show_id = str(show["id"])
        self.artist = await self._enter(self._crew, ARTIST_CLIENT)
        fan = await setting.new_guest(self._url, self._session, "Good fan")
        self.fan = await self._enter(fan, FAN_CLIENT)
        await self._edit(
            self.artist, lambda s: s.add("Opener", "set1", self._me, entry_id=self._id())
        )
        if self._locked:
            await self.artist.command("lock_setlist")
        config = setting.single_choice(3)
        self.round_id = await setting.open_round(self._crew, self.show_id, config)
        listener = await setting.new_guest(self._url, self._session, "Listener")
        self.listener = await self._stack.enter_async_context(
            RoomClient(listener, self.show_id, on_frame=self.frames.append)
        )
        await self.listener.entered()
        plain = await setting.new_guest(self._url, self._session, "Plain listener")
        self.plain = await self._stack.enter_async_context(
            PlainYjsClient(plain, self.show_id, on_frame=self.plain_frames.append)
        )
        await self.plain.entered()
        wanted = _content(self.artist.setlist)  # what comes later is compared, so nothing may
        await self.listener.until(lambda: _content(self.listener.setlist) == wanted)
        await self.plain.until(lambda: _content(self.plain.setlist) == wanted)
        self.initial = self.listener.setlist.whole()
        self.frames.clear()
        self.plain_frames.clear()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def _me(self) -> str:
        return self.artist.participant_id

    def people(self) -> dict[str, str]:
        """Participant ids and what they are called in compared bytes (same length)."""
        return {
            self.artist.participant_id: "A" * 36,
            self.fan.participant_id: "F" * 36,
            self.show_id: "S" * 36,
            self.round_id: "R" * 36,
        }

    async def step(self, number: int) -> None:
        """One step of the play; returns once both listeners have it."""
        actions: list[Callable[[], Awaitable[object]]] = [
            self._artist_adds,
            self._artist_adds,
            self._artist_changes,
            self._artist_moves,
            self._fan_chats,
            self._fan_votes,
        ]
        if not self._entry_ids:
            actions = [self._artist_adds]
        elif number % 8 == 7:
            actions = [self._artist_removes]
        await self._rng.choice(actions)()
        head = max(self.artist.place.seq, self.fan.place.seq)
        await self.listener.until(lambda: self.listener.place.seq >= head)
        wanted = _content(self.artist.setlist)
        try:
            await self.plain.until(lambda: _content(self.plain.setlist) == wanted)
            await self.listener.until(lambda: _content(self.listener.setlist) == wanted)
        except TimeoutError:
            raise AssertionError(
                f"step {number}: the artist has {wanted}, now {_content(self.artist.setlist)}; "
                f"the listener {_content(self.listener.setlist)}; the plain listener "
                f"{_content(self.plain.setlist)} (closed with {self.plain.close_code})"
            ) from None

    async def finish(self) -> None:
        """The artist's last words: a chat line after which nothing is to be compared."""
        await self.artist.command("post_chat", {"text": "That was it."})
        await self.listener.until(
            lambda: any("That was it." in f for f in self.frames if isinstance(f, str))
        )

    # --- what they do ---------------------------------------------------------------------

    def _id(self) -> str:
        entry_id = uuid7(self._rng, now_ms=ENTRY_TIME_MS)
        self._entry_ids.append(entry_id)
        return entry_id

    async def _artist_adds(self) -> None:
        title, section = f"Song {len(self._entry_ids)}", self._rng.choice(["set1", "set2"])
        entry_id = self._id()
        await self._edit(self.artist, lambda s: s.add(title, section, self._me, entry_id=entry_id))

    async def _artist_changes(self) -> None:
        target, note = self._rng.choice(self._entry_ids), f"note {self._rng.random()}"
        await self._until_done(
            target,
            lambda s: s.change(target, note=note, segue=True),
            lambda: self._fields(target).get("note") == note,
        )

    async def _artist_moves(self) -> None:
        target, moved = self._rng.choice(self._entry_ids), ""

        def move(setlist: SetlistDocument) -> None:
            nonlocal moved
            if moved:
                setlist.change(target, section="encore1", position=moved)
            else:
                setlist.move(target, "encore1", None)
                moved = str(self._fields(target)["position"])

        await self._until_done(target, move, lambda: self._fields(target).get("position") == moved)

    async def _artist_removes(self) -> None:
        target = self._entry_ids.pop(self._rng.randrange(len(self._entry_ids)))
        await self._until_done(target, lambda s: s.remove(target), lambda: not self._fields(target))

    def _fields(self, entry_id: str) -> dict[str, Any]:
        entry = self.artist.setlist.entry(entry_id)
        return {} if entry is None else entry.fields

    async def _until_done(
        self,
        target: str,
        change: Callable[[SetlistDocument], object],
        done: Callable[[], bool],
    ) -> None:
        """Makes the artist's edit, and again if a refused removal overtook it.

        When somebody who may not removes an entry, the repair puts a new one in its place; an
        edit that the artist makes in that moment is still about the old one. The artist sees at
        once that nothing came of it.
        """
        for _ in range(OVERTAKEN_MAX):
            await self._edit(self.artist, change, target)
            if done():
                return
            self.overtaken += 1
        raise AssertionError(
            f"the artist's edit of {target} was undone {OVERTAKEN_MAX} times; the artist has "
            f"{self._fields(target)} and was closed with {self.artist.closes}; the listener has "
            f"{_content(self.listener.setlist)} and heard last {self.frames[-40:]}"
        )

    async def _fan_chats(self) -> None:
        await self.fan.command("post_chat", {"text": f"line {self._rng.random()}"})

    async def _fan_votes(self) -> None:
        picks = [{"option_id": self._rng.choice(["o1", "o2", "o3"])}]
        await self.fan.command("cast_vote", {"round_id": self.round_id, "picks": picks})

    async def _edit(
        self, room: RoomClient, change: Callable[[SetlistDocument], object], *entry_ids: str
    ) -> None:
        edit = await room.edit(change, *entry_ids)
        saved = await edit.saved()
        assert saved.refusal is None, saved.refusal
        await room.until(lambda: room.place.seq >= saved.seq)

    async def _enter(self, api: ApiClient, client_id: int) -> RoomClient:
        room = RoomClient(api, self.show_id, rng=random.Random(self._rng.getrandbits(64)))
        room.setlist.close()
        room.setlist = SetlistDocument(random.Random(self._rng.getrandbits(64)), client_id)
        await self._stack.enter_async_context(room)
        await room.entered()
        return room


def exact(frames: Sequence[str | bytes], people: dict[str, str]) -> list[str | bytes]:
    """The frames as bytes to compare: without states, heartbeats and other people's cursors."""
    seen: dict[str, str] = {}
    out: list[str | bytes] = []
    for frame in frames:
        if isinstance(frame, bytes):
            if frame[:1] != bytes((framing.AWARENESS,)):
                out.append(_replaced(frame, people))
        elif msgspec.json.decode(frame)["t"] != "state":
            text = _TIME.sub("<time>", frame)
            text = _UUID.sub(lambda found: _label(found.group(), people, seen), text)
            out.append(text)
    return out


def visible(frames: Sequence[str | bytes], people: dict[str, str], initial: bytes) -> list[str]:
    """What can be seen of the frames: events of the honest people, states of the document.

    Repaired updates of attackers take places in the log and travel; none of them may show.
    """
    seen: dict[str, str] = {}
    out: list[str] = []
    document = SetlistDocument(random.Random(0))
    document.apply(initial)
    last = _content(document)
    for frame in frames:
        if isinstance(frame, bytes):
            decoded = framing.decode(frame)
            if isinstance(decoded, framing.SyncFrame) and decoded.step != framing.STEP_1:
                document.apply(decoded.payload)
                content = _content(document)
                if content != last:
                    out.append(_replaced(content.encode(), people).decode())
                last = content
            continue
        message: dict[str, Any] = msgspec.json.decode(frame)
        if message["t"] != "event":
            continue
        if message["name"] == "setlist_changed" and not message["data"].get("entries"):
            continue
        message.pop("seq")
        text = _TIME.sub("<time>", msgspec.json.encode(message).decode())
        out.append(_UUID.sub(lambda found: _label(found.group(), people, seen), text))
    document.close()
    return out


def _content(document: SetlistDocument) -> str:
    """What the document says. A field that is absent or null, and a segue that is not, say
    nothing: a repair may leave either."""
    fields = {
        entry.entry_id: {
            name: value for name, value in entry.fields.items() if value not in (None, False)
        }
        for entry in document.entries()
    }
    return msgspec.json.encode(fields, order="sorted").decode()


def _replaced(data: bytes, people: dict[str, str]) -> bytes:
    for real, label in people.items():
        data = data.replace(real.encode(), label.encode())
    return data


def _label(found: str, people: dict[str, str], seen: dict[str, str]) -> str:
    if found in people:
        return people[found]
    return seen.setdefault(found, f"<id {len(seen)}>")
