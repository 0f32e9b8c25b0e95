"""What was not saved in a log that is another one now is written anew, and over nothing newer."""

from __future__ import annotations

import random

import msgspec

from loadtests.wire import framing
from loadtests.wire.edits import Edit
from loadtests.wire.room_state import Listener, RoomState
from loadtests.wire.setlist import SetlistDocument


class Client(RoomState):
    """Its socket is a list. Whoever sends may be overtaken by a person who edits."""

    def __init__(self) -> None:
        super().__init__(random.Random(1), Listener())
        self.sent: list[bytes] = []
        self.while_sending: list[tuple[str, str]] = []

    @property
    def connected(self) -> bool:
        return True

    async def _send(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.sent.append(frame)
        if self.synced and self.while_sending:
            entry_id, title = self.while_sending.pop()
            with self.setlist.local():
                self.setlist.change(entry_id, title=title)

    async def welcomed(self, epoch: str) -> None:
        welcome = {"t": "welcome", "show_id": "s", "epoch": epoch, "seq": 1, "recovered": False}
        await self._received(msgspec.json.encode({**welcome, "you": {}, "state": {}}).decode())

    async def synced_with(self, document: SetlistDocument) -> None:
        await self._received(framing.sync(framing.STEP_2, document.whole()))

    def add(self, title: str) -> tuple[str, Edit]:
        with self.setlist.local():
            entry_id = self.setlist.add(title, "set1", "me")
        edit = Edit((entry_id,))
        self.ledger.add(edit)
        return entry_id, edit


async def test_what_is_edited_while_it_is_written_anew_stays() -> None:
    client, room = Client(), SetlistDocument(random.Random(2))
    await client.welcomed("before")
    await client.synced_with(room)
    (first, edit), (second, _) = client.add("First"), client.add("Second")
    await client.welcomed("after")
    assert client.setlist.entries() == []
    client.while_sending.append((second, "Second, newer"))
    await client.synced_with(room)  # the answer to the old document's question
    await client.synced_with(room)
    titles = {entry.entry_id: entry.title for entry in client.setlist.entries()}
    assert titles == {first: "First", second: "Second, newer"}
    assert client.ledger.unsaved == 2
    client.ledger.saved(2, 1)
    assert edit.is_saved and client.ledger.unsaved == 0, "one frame, and so one word for both"
