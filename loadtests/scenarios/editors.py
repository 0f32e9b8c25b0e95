"""People who edit the setlist: full replicas that edit by themselves, and are compared."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from loadtests.kit.answers import code_of
from loadtests.kit.recorder import Recorder
from loadtests.wire import ApiClient, Edit, RoomClient, SetlistDocument
from loadtests.wire.edits import EditLost
from loadtests.wire.positions import NoRoom

KINDS = {"rename": 45, "move": 25, "add": 15, "remove": 10, "segue": 5}
"""How often each, of 100 edits: people correct titles far more often than they remove songs."""

ENTRIES_MAX = 60
"""Entries that editors leave in a list; beyond, they remove. Contract: at most 300."""

ENTRIES_MIN = 8
SECTIONS = ("set1", "set1", "set2", "set2", "encore1")
WORDS = (
    "Scarlet Begonias",
    "Thunder Road",
    "Fire on the Mountain",
    "Born to Run",
    "Morning Dew",
    "Café del Mar",
    "Ñandú",
    "夜明けのうた",
    "The River",
    "Dark Star",
)
SAVED_TIMEOUT_S = 60.0


def picture(setlist: SetlistDocument) -> str:
    """A short digest of what a replica shows: every entry, every field, in playing order."""
    shown = [(e.entry_id, sorted(e.fields.items())) for e in setlist.entries()]
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:16]


@dataclass(eq=False)
class Editor:
    """One editor in one room.

    Attributes:
        edits: how many were made.
        refused: how many the server repaired, by code.
        lost: edits whose fate was never told.
        aim: entries that the list is kept at: below, what would be removed is added, above the
            other way round. None: it grows to `ENTRIES_MAX`, as people add more than they remove.
    """

    room: RoomClient
    rng: random.Random
    edits: int = 0
    refused: int = 0
    lost: int = 0
    aim: int | None = None
    _waiting: set[asyncio.Task[None]] = field(default_factory=set)

    async def edit(self, due: float, recorder: Recorder, kind: str | None = None) -> Edit | None:
        """One edit, chosen by the editor's own dice; ``None`` where the list allows none now."""
        me = self.room.participant_id
        chosen = kind or self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        if self.aim is not None and chosen in ("add", "remove"):
            chosen = "add" if len(self.room.setlist.entries()) < self.aim else "remove"
        touched: list[str] = []
        edit = await self.room.edit(lambda s: _act(s, chosen, self.rng, me, self.edits, touched))
        edit.entry_ids = tuple(touched)
        self.edits += 1
        self.watch(edit, due, recorder)
        return edit

    def watch(self, edit: Edit, due: float, recorder: Recorder) -> None:
        """Records when the server calls an edit durable."""
        task = asyncio.create_task(self._saved(edit, due, recorder))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _saved(self, edit: Edit, due: float, recorder: Recorder) -> None:
        try:
            saved = await edit.saved(SAVED_TIMEOUT_S)
        except (TimeoutError, EditLost) as error:
            self.lost += 1
            recorder.failed("edit saved", code_of(error))
            return
        if saved.refusal is not None:
            self.refused += 1
            recorder.failed("edit saved", saved.refusal.code)
        else:
            recorder.took("edit saved", time.monotonic() - due)

    async def quiet(self) -> None:
        """Waits until the fate of all edits is known."""
        while self._waiting:
            await asyncio.gather(*self._waiting, return_exceptions=True)


def _act(
    setlist: SetlistDocument,
    kind: str,
    rng: random.Random,
    me: str,
    number: int,
    touched: list[str],
) -> None:
    """Carries out one edit; ``touched`` gets the entries that it is about."""
    entries = setlist.entries()
    if len(entries) < ENTRIES_MIN:
        kind = "add"
    elif len(entries) >= ENTRIES_MAX and kind == "add":
        kind = "remove"
    title = f"{rng.choice(WORDS)} {number}"
    if kind == "add":
        touched.append(setlist.add(title, rng.choice(SECTIONS), me))
        return
    one = rng.choice(entries)
    touched.append(one.entry_id)
    if kind == "remove":
        setlist.remove(one.entry_id)
    elif kind == "segue":
        setlist.change(one.entry_id, segue=not one.segue)
    elif kind == "move" and _moved(setlist, one.entry_id, rng):
        return
    else:
        setlist.change(one.entry_id, title=title)


def _moved(setlist: SetlistDocument, entry_id: str, rng: random.Random) -> bool:
    section = rng.choice(SECTIONS)
    others = [e for e in setlist.entries() if e.section == section and e.entry_id != entry_id]
    after = rng.choice([None, *(e.entry_id for e in others)])
    try:
        return setlist.move(entry_id, section, after)
    except NoRoom:
        return False  # The room rebalances before this is common.


async def enter(
    people: Sequence[ApiClient], show_id: str, rng: random.Random, **listeners: object
) -> list[Editor]:
    """Brings people into a room as editors, with the whole list before them."""
    editors = []
    for api in people:
        own = random.Random(rng.getrandbits(64))
        room = RoomClient(
            api,
            show_id,
            rng=own,
            fresh_document_on_refusal=True,
            **listeners,  # type: ignore[arg-type]
        )
        await room.__aenter__()
        editors.append(Editor(room, own))
    await asyncio.gather(*(editor.room.entered(60.0) for editor in editors))
    return editors


async def agree(editors: Sequence[Editor], timeout_s: float = 60.0) -> set[str]:
    """Waits until all replicas show the same; returns what they show, one if they agree."""
    loop = asyncio.get_running_loop()
    until = loop.time() + timeout_s
    for editor in editors:
        await editor.quiet()
    while True:
        pictures = {picture(editor.room.setlist) for editor in editors}
        if len(pictures) <= 1 or loop.time() > until:
            return pictures
        await asyncio.sleep(0.05)
