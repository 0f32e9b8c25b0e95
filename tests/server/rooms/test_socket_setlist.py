"""The binary half of a socket: syncs, edits, what is saved, who is editing."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from pycrdt import Doc, Map

from crdt import frames
from crdt.awareness import AwarenessState, decode_awareness, encode_awareness_states
from crdt.frames import AwarenessFrame, SyncStep1, SyncStep2, SyncUpdate, decode_frame
from rooms import limits
from rooms.messages import CloseCode
from tests.server.rooms.house import Client, House, guest, house, uuid_of


class Editor(Client):
    """A Yjs client by hand: answers syncs, applies what arrives, counts what it sent."""

    name = ""
    doc: Doc[Map[object]]

    @classmethod
    async def enter(cls, one: House, name: str, *, text: bool = True) -> Editor:
        editor = cls(await one.connect(name, text=text))
        editor.name = name
        editor.doc = Doc()
        editor.doc.get("entries", type=Map)
        return editor

    @property
    def titles(self) -> set[str]:
        return {str(entry["title"]) for entry in self.doc.get("entries", type=Map).values()}

    def add(self, entry_id: str, title: str) -> bytes:
        before = self.doc.get_state()
        self.doc.get("entries", type=Map)[entry_id] = Map(
            {
                "title": title,
                "section": "set1",
                "position": "V",
                "segue": False,
                "added_by": uuid_of(self.name),
            }
        )
        return self.doc.get_update(before)

    async def send_update(self, update: bytes) -> None:
        await self.socket.send(frames.encode_update(update))

    async def request(self) -> None:
        await self.socket.send(frames.encode_sync_step1(self.doc.get_state()))

    async def answer(self) -> None:
        """Reads the server's step 1 and answers it."""
        frame = await self.frame(SyncStep1)
        assert isinstance(frame, SyncStep1)
        update = self.doc.get_update(frame.state_vector)
        await self.socket.send(frames.encode_sync_step2(update))

    async def frame(self, kind: type) -> frames.Frame:
        while True:
            frame = decode_frame(await self.next_binary())
            if isinstance(frame, SyncStep2 | SyncUpdate):
                self.doc.apply_update(frame.update)
            if isinstance(frame, kind):
                return frame

    async def until_title(self, title: str) -> None:
        while title not in self.titles:
            await self.frame(SyncStep2 | SyncUpdate)  # type: ignore[arg-type]

    async def saved(self, received: int) -> None:
        while (await self.next("setlist_saved"))["received"] < received:
            pass


async def test_an_edit_reaches_text_and_plain_clients_and_is_said_to_be_saved() -> None:
    async with house() as one:
        dana, lee = await Editor.enter(one, "dana"), await Editor.enter(one, "lee")
        plain = await Editor.enter(one, "stock", text=False)
        for editor in (dana, lee, plain):
            await editor.request()
            await editor.answer()
        await dana.saved(1)
        await dana.send_update(dana.add("e1", "Scarlet Begonias"))
        await dana.saved(2)
        await lee.until_title("Scarlet Begonias")
        await plain.until_title("Scarlet Begonias")
        assert plain.texts == []
        for editor in (dana, lee, plain):
            await editor.socket.close()


async def test_many_edits_of_one_moment_are_saved_by_few_messages() -> None:
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        await dana.answer()
        for number in range(30):
            await dana.send_update(dana.add(f"e{number}", f"Song {number}"))
        await dana.saved(31)
        counts = [m["received"] for m in dana.texts if m["t"] == "setlist_saved"]
        assert counts == sorted(set(counts)) and len(counts) < 31
        await dana.socket.close()


async def test_a_newcomer_who_asks_gets_the_document_in_one_answer() -> None:
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        await dana.answer()
        await dana.send_update(dana.add("e1", "Fire on the Mountain"))
        await dana.saved(2)
        lee = await Editor.enter(one, "lee", text=False)
        await lee.request()
        await lee.until_title("Fire on the Mountain")
        # A second request is answered with a request as well: the server may lack something.
        await lee.request()
        await lee.frame(SyncStep2)
        await lee.frame(SyncStep1)
        for editor in (dana, lee):
            await editor.socket.close()


async def test_an_edit_made_before_the_first_sync_waits_for_what_it_builds_on() -> None:
    """A stock provider sends a fresh edit at once, and what it edited offline only when asked."""
    async with house() as one:
        dana = await Editor.enter(one, "dana", text=False)
        lee = await Editor.enter(one, "lee")
        await lee.answer()
        dana.add("e1", "Written offline")
        await dana.send_update(dana.add("e2", "Written just now"))
        await dana.answer()
        await lee.until_title("Written offline")
        await lee.until_title("Written just now")
        for editor in (dana, lee):
            await editor.socket.close()


async def test_an_edit_without_any_sync_is_taken_after_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "EARLY_UPDATES_WAIT_S", 0.05)
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        await dana.send_update(dana.add("e1", "No handshake"))
        await dana.saved(1)
        await dana.socket.close()


async def test_an_edit_sent_just_before_the_signal_went_is_not_lost() -> None:
    async with house() as one:
        lee, dana = await Editor.enter(one, "lee"), await Editor.enter(one, "dana")
        await lee.answer()
        await dana.send_update(dana.add("e1", "Last words"))
        await dana.socket.close()
        await lee.until_title("Last words")
        await lee.socket.close()


async def test_an_update_that_would_stay_pending_closes_the_socket() -> None:
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        await dana.answer()
        dana.add("e1", "Never sent")
        await dana.send_update(dana.add("e2", "Sent"))
        assert (await dana.closed())[0] == CloseCode.NOT_ALLOWED


async def test_one_whose_sync_is_held_up_by_a_slow_line_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "EARLY_UPDATES_WAIT_S", 0.0)
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        dana.add("e1", "Made offline")  # in the step 2 that has not got through yet
        await dana.send_update(dana.add("e2", "Made now"))
        assert (await dana.closed())[0] == CloseCode.TRY_LATER


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", CloseCode.INVALID_DATA),
        (b"\x07", CloseCode.INVALID_DATA),
        (b"\x00\x00\x05\x01", CloseCode.INVALID_DATA),
        (b"\x00\x00\x01\xff", CloseCode.INVALID_DATA),
        (b"\x80" * 12, CloseCode.INVALID_DATA),
        (b"\x00\x02\x02\x00\x00\x00", CloseCode.INVALID_DATA),
        (frames.encode_update(b"x" * (limits.YJS_UPDATE_BYTES_MAX + 1)), CloseCode.TOO_LARGE),
        (b"x" * (limits.FIRST_SYNC_BYTES_MAX + 100), CloseCode.TOO_LARGE),
    ],
)
async def test_bytes_that_are_no_message_close_the_socket(data: bytes, code: int) -> None:
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        await dana.next("welcome")
        await dana.socket.send(data)
        assert (await dana.closed())[0] == code


async def test_only_a_sync_that_was_asked_for_may_be_large() -> None:
    async with house() as one:
        dana = await Editor.enter(one, "dana")
        await dana.answer()
        await dana.saved(1)
        large = frames.encode_sync_step2(b"x" * (limits.YJS_UPDATE_BYTES_MAX + 1))
        await dana.socket.send(large)
        assert (await dana.closed())[0] == CloseCode.TOO_LARGE


# --- awareness -------------------------------------------------------------------------------


def awareness(client_id: int, clock: int, **state: object) -> bytes:
    said = AwarenessState(client_id, clock, dict(state))
    return frames.encode_awareness(encode_awareness_states([said]))


async def heard(editor: Editor) -> dict[int, object]:
    while True:
        frame = await editor.frame(AwarenessFrame)
        assert isinstance(frame, AwarenessFrame)
        states = decode_awareness(frame.payload, 1 << 20)
        if states:
            return {state.client_id: state.state for state in states}


async def test_who_is_editing_is_passed_on_until_the_socket_goes() -> None:
    async with house() as one:
        dana, lee = await Editor.enter(one, "dana"), await Editor.enter(one, "lee")
        await lee.next("welcome")
        await dana.socket.send(awareness(7, 1, user={"name": "Dana"}))
        assert await heard(lee) == {7: {"user": {"name": "Dana"}}}
        late = await Editor.enter(one, "mo", text=False)
        assert await heard(late) == {7: {"user": {"name": "Dana"}}}
        await dana.socket.close()
        assert await heard(lee) == {7: None}
        for editor in (late, lee):
            await editor.socket.close()


async def test_nobody_moves_another_persons_cursor_and_watchers_have_none() -> None:
    async with house() as one:
        one.tickets.people["watcher"] = msgspec.structs.replace(guest("watcher"), admitted=False)
        dana, eve = await Editor.enter(one, "dana"), await Editor.enter(one, "eve")
        watcher, lee = await Editor.enter(one, "watcher"), await Editor.enter(one, "lee")
        await dana.socket.send(awareness(7, 1, name="Dana"))
        assert await heard(lee) == {7: {"name": "Dana"}}
        await watcher.socket.send(awareness(8, 1, name="Watcher"))
        await eve.socket.send(awareness(9, 1))
        await eve.socket.send(awareness(7, 99, name="Eve"))
        await eve.socket.send(awareness(10, 1, name="Eve"))
        assert await heard(lee) == {10: {"name": "Eve"}}
        for editor in (dana, eve, watcher, lee):
            await editor.socket.close()


async def test_moving_cursors_are_conflated_to_a_few_frames_a_second() -> None:
    async with house() as one:
        dana, lee = await Editor.enter(one, "dana"), await Editor.enter(one, "lee")
        await lee.next("welcome")
        await dana.next("welcome")
        for clock in range(1, limits.AWARENESS_FRAMES_PER_SECOND):
            await dana.socket.send(awareness(7, clock, x=clock))
        frames_heard = 0
        while (await heard(lee))[7] != {"x": limits.AWARENESS_FRAMES_PER_SECOND - 1}:
            frames_heard += 1
        assert frames_heard <= limits.STATES_PER_SECOND
        await asyncio.gather(dana.socket.close(), lee.socket.close())
